import { ok } from "../result.ts";
import type { SignalRecord, SignalStore } from "../store/signals.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import type { MemoryState } from "./state.ts";
import { wakeRun } from "./wake-run.ts";

export function createSignalStore(state: MemoryState, access: Access, now: () => Instant): SignalStore {
  return Object.freeze<SignalStore>({
    send: ({ id, runId, name, payload }) =>
      access.write(() => {
        const run = state.runs.get(runId);
        if (run === undefined) return ok(undefined);
        const at = now();
        const kept = state.signals.find((signal) => signal.id === id);
        const signal = kept ?? { sequence: state.signals.length + 1, id, runId, name, payload, sentAt: at };
        if (kept === undefined) state.signals.push(signal);
        wakeRun(state, run, at);
        return ok<SignalRecord>(toRecord(signal));
      }),
    list: ({ runId }) =>
      access.read(() => ok(Object.freeze(state.signals.filter((signal) => signal.runId === runId).map(toRecord)))),
  });
}

function toRecord({ sequence, runId, name, payload, sentAt }: SignalRecord): SignalRecord {
  return Object.freeze({ sequence, runId, name, payload, sentAt });
}
