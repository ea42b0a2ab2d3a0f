import type { Instant } from "../time.ts";
import type { RunState } from "./run-state.ts";
import type { MemoryState } from "./state.ts";

/** Makes a run, and the runs it is a child of, due at once where they are WAITING and not paused. */
export function wakeRun(state: MemoryState, run: RunState, at: Instant): void {
  for (let woken: RunState | undefined = run; woken !== undefined;) {
    if (woken.status === "WAITING" && woken.requested !== "pause") woken.dueAt = at;
    const parentRunId: string | undefined = woken.given.parentRunId;
    woken = parentRunId === undefined ? undefined : state.runs.get(parentRunId);
  }
}
