import { type Backfill, type BackfillStatus, orThrow } from "@spine/core";
import type { Spine } from "@spine/orchestration";
import type { Invocation, Report } from "../command.ts";
import { EXIT_CODES, type ExitCode } from "../exit-code.ts";
import { stopSignal } from "../input/stop-signal.ts";
import { type BackfillProgress, createBackfillProgress } from "../progress/backfill-progress.ts";
import { logToProgress } from "../progress/log-to-progress.ts";
import { withSpine } from "../session.ts";
import { backfillLines, itemLines } from "./backfill-lines.ts";
import { judgeBackfill } from "./backfill-truth.ts";

/** Failed partitions that are told at the end. */
const toldFailures = 10;

/**
 * Opens the project and works off the backfill that `find` gives, telling how it goes. The first request to stop lets what runs come to a
 * place from which it can be gone on with; the second one ends the process at once.
 */
export async function workBackfill(
  invocation: Invocation,
  find: (spine: Spine, progress: BackfillProgress) => Promise<Backfill | Report>,
): Promise<Report> {
  const progress = createBackfillProgress(invocation);
  const stop = stopSignal(invocation, { progress, note: "no further partition begins." });
  try {
    const logger = logToProgress(progress, { verbose: invocation.options["verbose"] === true });
    return await withSpine(
      invocation,
      async (spine) => {
        const found = await find(spine, progress);
        if (!("backfillId" in found)) return found;
        const { history } = spine.store;
        progress.begin(found, async (runId) => (await history.get({ runId })).unwrapOr(undefined)?.partition);
        spine.events.on("*", (event) => progress.tell(event));
        const worked = await orThrow(
          spine.backfills.run(found.backfillId, {
            signal: stop.signal,
            onItem: (item, backfill) => progress.settle(item, backfill),
          }),
        );
        progress.close();
        return endReport(spine, worked, invocation);
      },
      { logger, mustExist: true },
    );
  } finally {
    stop.release();
    progress.close();
  }
}

async function endReport(spine: Spine, backfill: Backfill, { io, style }: Invocation): Promise<Report> {
  const { backfillId } = backfill;
  const truth = await judgeBackfill(spine.store, backfill, io.clock);
  const failed = await orThrow(spine.backfills.items(backfillId, { status: "FAILED", limit: toldFailures }));
  return {
    exitCode: exitCodes[backfill.status],
    document: { ...backfill, status: truth.status, resume: truth.resume, failed },
    lines: [...backfillLines(backfill, truth, style), ...itemLines(failed, style)],
  };
}

const exitCodes: Readonly<Record<BackfillStatus, ExitCode>> = {
  COMPLETED: EXIT_CODES.DONE,
  PLANNED: EXIT_CODES.PARTIAL,
  RUNNING: EXIT_CODES.PARTIAL,
  PAUSED: EXIT_CODES.PARTIAL,
  PARTIAL: EXIT_CODES.PARTIAL,
  FAILED: EXIT_CODES.FAILED,
  CANCELLED: EXIT_CODES.FAILED,
};
