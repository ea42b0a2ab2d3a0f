import type { Invocation } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import type { Progress } from "../progress/progress.ts";

/** Requests to stop, as a signal. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/** The first request to stop aborts the signal and says what happens now; the second one ends the process at once. */
export function stopSignal(
  { io }: Pick<Invocation, "io">,
  { progress, note }: { readonly progress: Pick<Progress, "note">; readonly note: string },
): StopSignal {
  const controller = new AbortController();
  const release = io.onStop(() => {
    if (controller.signal.aborted) {
      io.exit(EXIT_CODES.STOPPED);
      return;
    }
    progress.note(`Stopping: ${note} Ask again to stop at once.`);
    controller.abort();
  });
  return { signal: controller.signal, release };
}
