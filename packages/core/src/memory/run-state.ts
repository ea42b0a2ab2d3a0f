import type { SerializedError } from "../errors/serialize.ts";
import type {
  AttemptEnd,
  AttemptRecord,
  EventRecord,
  NewEvent,
  NewRun,
  RunRecord,
  RunRequest,
  RunStatus,
  StepCounts,
  StepRecord,
  StepSettlement,
  StepStart,
  Suspension,
  Transition,
} from "../store/runs.ts";
import { type Instant, instantOfMs, msOf } from "../time.ts";

/**
 * A run as the memory store keeps it: changed in place, because every step of every run comes through here; the records made
 * from it are frozen.
 */
export interface RunState {
  readonly given: NewRun;
  readonly startedAt: Instant;
  readonly steps: Map<string, StepRecord>;
  /** By attempt and step, so that a transition that is kept twice leaves one row of each. */
  readonly attempts: Map<string, AttemptRecord>;
  readonly events: EventRecord[];
  status: RunStatus;
  owner: string | undefined;
  fence: number;
  counts: StepCounts;
  error: SerializedError | undefined;
  errorStep: string | undefined;
  completedAt: Instant | undefined;
  durationMs: number | undefined;
  dueAt: Instant | undefined;
  requested: RunRequest | undefined;
  definitionHash: string;
}

export function newRunState(given: NewRun, at: Instant): RunState {
  return {
    given,
    startedAt: at,
    steps: new Map(),
    attempts: new Map(),
    events: [],
    status: "RUNNING",
    owner: given.owner,
    fence: 1,
    counts: given.counts,
    error: undefined,
    errorStep: undefined,
    completedAt: undefined,
    durationMs: undefined,
    dueAt: undefined,
    requested: undefined,
    definitionHash: given.definitionHash,
  };
}

/** Whether a transition is the owner's: everything else belongs to somebody who lost the run. */
export function isOwn(run: RunState | undefined, transition: Pick<Transition, "owner" | "fence">): run is RunState {
  return run?.status === "RUNNING" && run.owner === transition.owner && run.fence === transition.fence;
}

export function applyTransition(run: RunState, transition: Transition, at: Instant, log: EventRecord[]): void {
  const { end } = transition;
  for (const attempt of transition.attempts) endAttempt(run, attempt, at);
  for (const settlement of transition.settled) settleStep(run, settlement, at);
  startSteps(run, transition.started, at);
  recordEvents(run, transition.events, at, log);
  run.counts = transition.counts;
  if (end === undefined) return;
  run.status = end.status;
  run.error = end.error;
  run.errorStep = end.errorStep;
  run.completedAt = at;
  run.durationMs = end.durationMs;
  run.owner = undefined;
}

export function startSteps(run: RunState, started: readonly StepStart[], at: Instant): void {
  for (const { step, kind, position, attempt } of started) {
    run.steps.set(
      step,
      Object.freeze({
        runId: run.given.runId,
        step,
        kind,
        position,
        status: "RUNNING",
        attempt,
        startedAt: at,
        completedAt: undefined,
        durationMs: undefined,
        output: undefined,
        updates: undefined,
        error: undefined,
        reason: undefined,
        quality: undefined,
        next: undefined,
        order: undefined,
        wait: run.steps.get(step)?.wait,
      }),
    );
  }
}

export function recordEvents(run: RunState, events: readonly NewEvent[], at: Instant, log: EventRecord[]): void {
  for (const { type, step, payload } of events) {
    const event = Object.freeze({
      sequence: log.length + 1,
      runId: run.given.runId,
      step,
      type,
      at,
      payload,
    });
    log.push(event);
    run.events.push(event);
  }
}

/** Whether a run has not ended. */
function isOpen(status: RunStatus): boolean {
  return status === "RUNNING" || status === "WAITING";
}

/** Has steps wait; a run that is parked is nobody's until it is due. */
export function suspendRun(
  run: RunState,
  { waits, park }: Suspension,
  facts: { readonly latestSignal: number; readonly children: readonly RunState[] },
  at: Instant,
): void {
  for (const { step, wait } of waits) {
    const record = run.steps.get(step);
    if (record !== undefined) run.steps.set(step, Object.freeze({ ...record, status: "WAITING", wait }));
  }
  if (park === undefined) return;
  run.status = "WAITING";
  run.owner = undefined;
  const { latestSignal, children } = facts;
  const hasNews = latestSignal > park.signalsSeen || children.some(({ status }) => !isOpen(status));
  const dues = [park.dueAt, ...children.map(({ dueAt }) => dueAt)].filter((due) => due !== undefined);
  run.dueAt = run.requested === "pause" ? undefined : hasNews ? at : dues.toSorted()[0];
}

/** Gives the run to an owner, as a claim does. */
export function takeOver(run: RunState, owner: string, at: Instant): void {
  run.status = "RUNNING";
  run.owner = owner;
  run.fence += 1;
  run.error = undefined;
  run.errorStep = undefined;
  run.completedAt = undefined;
  run.durationMs = undefined;
  run.dueAt = undefined;
  run.requested = undefined;
  for (const step of run.steps.values()) {
    if (step.status === "RUNNING") startSteps(run, [{ ...step, attempt: step.attempt + 1 }], at);
  }
}

export function toRunRecord(run: RunState): RunRecord {
  const { definition: _, ...given } = run.given;
  return Object.freeze({
    ...given,
    idempotencyKey: given.idempotencyKey,
    rerunOf: given.rerunOf,
    rerunFrom: given.rerunFrom,
    priority: given.priority ?? 0,
    concurrencyKey: given.concurrencyKey,
    definitionHash: run.definitionHash,
    dueAt: run.dueAt,
    requested: run.requested,
    status: run.status,
    owner: run.owner,
    fence: run.fence,
    counts: run.counts,
    error: run.error,
    errorStep: run.errorStep,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    durationMs: run.durationMs,
  });
}

function settleStep(run: RunState, settlement: StepSettlement, at: Instant): void {
  run.steps.set(
    settlement.step,
    Object.freeze({
      runId: run.given.runId,
      step: settlement.step,
      kind: settlement.kind,
      position: settlement.position,
      status: settlement.status,
      attempt: settlement.attempt,
      startedAt: run.steps.get(settlement.step)?.startedAt,
      completedAt: at,
      durationMs: settlement.durationMs,
      output: settlement.output,
      updates: settlement.updates,
      error: settlement.error,
      reason: settlement.reason,
      quality: settlement.quality,
      next: settlement.next,
      order: settlement.order,
      wait: run.steps.get(settlement.step)?.wait,
    }),
  );
}

function endAttempt(run: RunState, { step, attempt, status, durationMs, error }: AttemptEnd, at: Instant): void {
  const startedAt = run.steps.get(step)?.startedAt ?? instantOfMs(msOf(at) - Math.round(durationMs));
  run.attempts.set(
    `${attempt} ${step}`,
    Object.freeze({
      runId: run.given.runId,
      step,
      attempt,
      status,
      startedAt,
      completedAt: at,
      durationMs,
      error,
    }),
  );
}
