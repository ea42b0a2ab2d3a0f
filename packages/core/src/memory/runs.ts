import { DatabaseError } from "../errors/families.ts";
import { err, ok, type Result } from "../result.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { CheckpointResult, NewRun, RunStore, Transition } from "../store/runs.ts";
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
  suspendRun,
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
    const twin = twinOf(state, run);
    if (twin !== undefined) {
      return err(
        new DatabaseError(
          `A run of ${run.kind} "${run.name}" has the idempotency key "${run.idempotencyKey}" already.`,
          {
            code: "INTEGRITY_VIOLATED",
            context: { runId: twin.given.runId },
          },
        ),
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
    claim: ({ runId, owner, deadOwner, statuses, definition }) =>
      access.write(() => {
        const run = state.runs.get(runId);
        const at = now();
        if (run === undefined || run.status === "COMPLETED" || !isFree(state, run, [deadOwner], msOf(at)))
          return ok(undefined);
        if (statuses?.includes(run.status) === false) return ok(undefined);
        takeOver(run, owner, at);
        if (definition !== undefined) {
          state.definitions.set(definition.hash, definition.document);
          run.definitionHash = definition.hash;
        }
        return ok(toRunRecord(run));
      }),
    suspend: (suspension) =>
      access.write(() => {
        const run = state.runs.get(suspension.runId);
        if (!isOwn(run, suspension)) return ok(false);
        const at = now();
        const latestSignal = state.signals.findLast(({ runId }) => runId === suspension.runId)?.sequence ?? 0;
        const children = (suspension.park?.children ?? []).flatMap((runId) => state.runs.get(runId) ?? []);
        suspendRun(run, suspension, { latestSignal, children }, at);
        recordEvents(run, suspension.events, at, state.events);
        return ok(true);
      }),
    due: ({ limit }) =>
      access.read(() => {
        const at = now();
        const waiting = [...state.runs.values()].filter(
          ({ status, dueAt, given }) => status === "WAITING" && dueAt !== undefined && given.parentRunId === undefined,
        );
        const due = waiting.filter(({ dueAt = at }) => dueAt <= at).toSorted(byPriority);
        const later = waiting.flatMap(({ dueAt = at }) => (dueAt > at ? [dueAt] : [])).toSorted();
        return ok({ runs: Object.freeze(due.slice(0, limit).map(toRunRecord)), next: later[0] });
      }),
    request: ({ runId, request }) =>
      access.write(() => {
        const run = state.runs.get(runId);
        if (run === undefined) return ok(undefined);
        if (run.status === "RUNNING" || run.status === "WAITING") {
          run.requested = request;
          if (run.status === "WAITING") run.dueAt = request === "cancel" ? now() : undefined;
        }
        return ok(toRunRecord(run));
      }),
    requests: ({ owner }) =>
      access.read(() => {
        const asked = [...state.runs.values()].flatMap((run) =>
          run.status === "RUNNING" && run.owner === owner && run.requested !== undefined
            ? [{ runId: run.given.runId, request: run.requested }]
            : [],
        );
        return ok(Object.freeze(asked));
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

function twinOf(state: MemoryState, { kind, name, idempotencyKey }: NewRun): RunState | undefined {
  if (idempotencyKey === undefined) return undefined;
  return [...state.runs.values()].find(
    ({ given }) => given.kind === kind && given.name === name && given.idempotencyKey === idempotencyKey,
  );
}

/** More urgent ones first, then older ones. */
export function byPriority(left: RunState, right: RunState): number {
  return (right.given.priority ?? 0) - (left.given.priority ?? 0) || byAge(left, right);
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
