import { ok } from "../result.ts";
import type { ListRuns, RunHistory } from "../store/runs.ts";
import type { Access } from "./access.ts";
import { type RunState, toRunRecord } from "./run-state.ts";
import { byAge } from "./runs.ts";
import type { MemoryState } from "./state.ts";

export function createRunHistory(state: MemoryState, access: Access): RunHistory {
  return Object.freeze<RunHistory>({
    get: ({ runId }) =>
      access.read(() => {
        const run = state.runs.get(runId);
        return ok(run === undefined ? undefined : toRunRecord(run));
      }),
    list: (filter) => access.read(() => ok(Object.freeze(page(state, filter).map(toRunRecord)))),
    steps: ({ runId }) =>
      access.read(() => {
        const steps = [...(state.runs.get(runId)?.steps.values() ?? [])];
        return ok(Object.freeze(steps.toSorted((a, b) => a.position - b.position || (a.step < b.step ? -1 : 1))));
      }),
    attempts: ({ runId }) =>
      access.read(() => ok(Object.freeze([...(state.runs.get(runId)?.attempts.values() ?? [])]))),
    events: ({ runId, after = 0, limit = Number.POSITIVE_INFINITY }) =>
      access.read(() => {
        // Of the whole log, an event's index is its sequence minus one.
        if (runId === undefined) return ok(Object.freeze(state.events.slice(after, after + limit)));
        const events = state.runs.get(runId)?.events.filter(({ sequence }) => sequence > after) ?? [];
        return ok(Object.freeze(events.slice(0, limit)));
      }),
  });
}

/** Newest first. */
function page(state: MemoryState, { before, limit = 50, ...filter }: ListRuns): readonly RunState[] {
  const last = before === undefined ? undefined : state.runs.get(before);
  if (before !== undefined && last === undefined) return [];
  return [...state.runs.values()]
    .filter((run) => fits(run, filter) && (last === undefined || byAge(run, last) < 0))
    .toSorted((left, right) => byAge(right, left))
    .slice(0, limit);
}

function fits({ given, status, startedAt }: RunState, filter: Omit<ListRuns, "before" | "limit">): boolean {
  return (
    (filter.name === undefined || given.name === filter.name) &&
    (filter.kind === undefined || given.kind === filter.kind) &&
    (filter.status === undefined || status === filter.status) &&
    (filter.partition === undefined || given.partition === filter.partition) &&
    (filter.batchId === undefined || given.batchId === filter.batchId) &&
    (filter.parentRunId === undefined || given.parentRunId === filter.parentRunId) &&
    (filter.domain === undefined || given.domain === filter.domain) &&
    (filter.idempotencyKey === undefined || given.idempotencyKey === filter.idempotencyKey) &&
    (filter.rerunOf === undefined || given.rerunOf === filter.rerunOf) &&
    (filter.startedFrom === undefined || startedAt >= filter.startedFrom) &&
    (filter.startedUntil === undefined || startedAt < filter.startedUntil)
  );
}
