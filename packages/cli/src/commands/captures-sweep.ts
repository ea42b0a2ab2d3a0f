import { orThrow, sweepCaptures } from "@spine/core";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { stopSignal } from "../input/stop-signal.ts";
import { countOf } from "../output/format.ts";
import { createProgress } from "../progress/progress.ts";
import { withStore } from "../session.ts";

/** `spine captures sweep`: removes rows that no reader ever saw. */
export const capturesSweep: Command = async (invocation) => {
  const progress = createProgress(invocation);
  const stop = stopSignal(invocation, { progress, note: "what is left goes the next time." });
  try {
    return await withStore(
      invocation,
      async (store) => {
        const swept = await orThrow(sweepCaptures(store, { signal: stop.signal }));
        const isDone = !stop.signal.aborted;
        return {
          exitCode: isDone ? EXIT_CODES.DONE : EXIT_CODES.PARTIAL,
          document: { ...swept, isDone },
          lines: [
            swept.rows === 0 && isDone
              ? "Nothing is left to sweep."
              : `Removed ${countOf(swept.rows, "row")} of ${countOf(swept.captures, "capture")} that nobody can read.`,
            ...(isDone ? [] : ["Go on with: spine captures sweep"]),
          ],
        };
      },
      { mustExist: true },
    );
  } finally {
    stop.release();
    progress.close();
  }
};
