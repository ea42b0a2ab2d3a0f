import type { Command } from "../command.ts";
import { driveRun } from "../runs/drive-run.ts";
import { findRun } from "../runs/find-run.ts";
import { rootRunId } from "../runs/truth.ts";

/** `spine resume <run>`: goes on with a run that was interrupted, failed or was cancelled. */
export const resume: Command = (invocation) =>
  driveRun(
    invocation,
    async (spine, { signal, progress }) => {
      const found = await findRun(spine.store.history, invocation.args[0] ?? "");
      const runId = rootRunId(found);
      if (runId !== found.runId) progress.note(`${found.runId} is a child of ${runId}, which is resumed.`);
      return spine.resume(runId, { signal });
    },
    { mustExist: true },
  );
