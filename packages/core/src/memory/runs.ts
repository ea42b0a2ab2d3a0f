import { DatabaseError } from "../errors/families.ts";
import { err, ok, type Result } from "../result.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { CheckpointResult, RunStore, Transition } from "../store/runs.ts";
import { type Instant, msOf } from "../time.ts";
import type { Access } from "./access.ts";
import { isAlive } from "./owners.ts";
import {
  applyTransition,
  isOwn,
  newRunState,
  recordEvents,
  type RunState,
  startSteps,
  takeOver,
  toRunRecord,
} from "./run-state.ts";
import type { MemoryState } from "./state.ts";

export function createRunStore(state: MemoryState, access: Access, now: () => Instant): RunStore {
  function create({
    run,
    started,
    events,
  }: Parameters<RunStore["create"]>[0]): Result<{ at: Instant; fence: number }, SpineError> {
    if (state.runs.has(run.runId)) {
      return err(
        new DatabaseError(`Run "${run.runId}" is there already. Give each run an id of its own.`, {
          code: "INTEGRITY_VIOLATED",
          context: { runId: run.runId },
        }),
      );
    }
    const at = now();
    const created = newRunState(run, at);
    startSteps(created, started, at);
    recordEvents(created, events, at, state.events);
    state.runs.set(run.runId, created);
    if (!state.definitions.has(run.definitionHash)) state.definitions.set(run.definitionHash, run.definition);
    return ok({ at, fence: created.fence });
  }

  return Object.freeze<RunStore>({
    create: (run) => access.write(() => create(run)),
    checkpoint: (transitions) => access.write(() => ok(checkpoint(state, transitions, now()))),
    claim: ({ runId, owner, deadOwner }) =>
      access.write(() => {
        const run = state.runs.get(runId);
        const at = now();
        if (run === undefined || run.status === "COMPLETED" || !isFree(state, run, [deadOwner], msOf(at)))
          return ok(undefined);
        takeOver(run, owner, at);
        return ok(toRunRecord(run));
      }),
    abandoned: ({ deadOwners, limit }) =>
      access.read(() => {
        const nowMs = msOf(now());
        const left = [...state.runs.values()].filter(
          (run) => run.status === "RUNNING" && isFree(state, run, deadOwners, nowMs),
        );
        return ok(Object.freeze(left.toSorted(byAge).slice(0, limit).map(toRunRecord)));
      }),
    definition: ({ definitionHash }) => access.read(() => ok(state.definitions.get(definitionHash))),
  });
}

/** Keeps the transitions that are their owner's. */
export function checkpoint(state: MemoryState, transitions: readonly Transition[], at: Instant): CheckpointResult {
  const kept = new Set<string>();
  for (const transition of transitions) {
    const run = state.runs.get(transition.runId);
    if (!isOwn(run, transition)) continue;
    applyTransition(run, transition, at, state.events);
    kept.add(transition.runId);
  }
  return Object.freeze({ kept, at });
}

/** Oldest first; runs of one instant by id. */
export function byAge(left: RunState, right: RunState): number {
  if (left.startedAt !== right.startedAt) return left.startedAt < right.startedAt ? -1 : 1;
  return left.given.runId < right.given.runId ? -1 : 1;
}

/** Whether nobody is alive who owns the run. */
function isFree(
  state: MemoryState,
  run: RunState,
  deadOwners: readonly (string | undefined)[],
  nowMs: number,
): boolean {
  if (run.owner === undefined || deadOwners.includes(run.owner)) return true;
  return !isAlive(state, run.owner, nowMs);
}
