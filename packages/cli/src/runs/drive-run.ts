import type { Result, SpineError } from "@spine/core";
import type { Run, Spine } from "@spine/orchestration";
import type { Invocation, Report } from "../command.ts";
import { stopSignal } from "../input/stop-signal.ts";
import { logToProgress } from "../progress/log-to-progress.ts";
import { createProgress, type Progress } from "../progress/progress.ts";
import { type SpineSessionOptions, withSpine } from "../session.ts";
import { endedRunReport } from "./ended-run-report.ts";

/** Begins the run; aborting the signal cancels it. */
export type StartRun = (
  spine: Spine,
  options: { readonly signal: AbortSignal; readonly progress: Progress },
) => Promise<Result<Run, SpineError>>;

/**
 * Opens the project, starts a run, tells how it goes and reports how it ended. The first request to stop cancels the run and waits for
 * its end; the second one ends the process at once.
 */
export async function driveRun(
  invocation: Invocation,
  start: StartRun,
  options: Pick<SpineSessionOptions, "mustExist"> = {},
): Promise<Report> {
  const progress = createProgress(invocation);
  const stop = stopSignal(invocation, { progress, note: "the run is being cancelled." });
  try {
    const logger = logToProgress(progress, { verbose: invocation.options["verbose"] === true });
    return await withSpine(
      invocation,
      async (spine) => {
        spine.events.on("*", (event) => progress.tell(event));
        const run = await start(spine, { signal: stop.signal, progress });
        progress.close();
        // A run that failed is a report as well, so not `orThrow`.
        if (run.isErr()) throw run.error;
        return endedRunReport(run.value, spine.store, invocation);
      },
      { ...options, logger },
    );
  } finally {
    stop.release();
    progress.close();
  }
}
