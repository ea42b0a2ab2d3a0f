import {
  type AttemptEnd,
  type NewEvent,
  type RunStatus,
  serializeError,
  type StepCounts,
  type StepSettlement,
  type StepStart,
  type Transition,
} from "@spine/core";
import type { ExecutableStep } from "./executable.ts";
import type { Outcome, PassedOver } from "./program.ts";

/** Counts of a run's steps, growing as it goes. */
export interface Counter {
  total: number;
  completed: number;
  failed: number;
  skipped: number;
}

export function countsOf(counter: Counter): StepCounts {
  return { total: counter.total, completed: counter.completed, failed: counter.failed, skipped: counter.skipped };
}

export function countSettlement(counter: Counter, status: StepSettlement["status"]): void {
  if (status === "COMPLETED") counter.completed += 1;
  else if (status === "FAILED") counter.failed += 1;
  else counter.skipped += 1;
}

export interface Settling {
  readonly step: ExecutableStep;
  readonly position: number;
  readonly attempt: number;
  readonly order: number;
  readonly durationMs: number;
}

export function settlementOf(
  { step, position, attempt, order, durationMs }: Settling,
  outcome: Outcome,
): StepSettlement {
  return {
    step: step.name,
    kind: step.kind,
    position,
    status: outcome.status,
    attempt,
    order,
    durationMs,
    output: outcome.output,
    updates: outcome.updates,
    error: outcome.status === "FAILED" ? serializeError(outcome.error) : undefined,
    reason: outcome.status === "SKIPPED" ? outcome.reason : undefined,
    quality: outcome.quality,
    next: outcome.next,
  };
}

export function attemptEndOf({ step, attempt, durationMs }: Settling, outcome: Outcome): AttemptEnd {
  return {
    step: step.name,
    attempt,
    status: outcome.status,
    durationMs,
    error: outcome.status === "FAILED" ? serializeError(outcome.error) : undefined,
  };
}

export function passedOverOf(
  steps: readonly ExecutableStep[],
  { position, reason }: PassedOver,
  order: number,
): StepSettlement {
  const step = steps[position];
  return { step: step?.name ?? "", kind: step?.kind ?? "", position, status: "SKIPPED", attempt: 0, order, reason };
}

export function startOf(steps: readonly ExecutableStep[], position: number, attempt = 1): StepStart {
  const step = steps[position];
  return { step: step?.name ?? "", kind: step?.kind ?? "", position, attempt };
}

const eventOfStatus = { COMPLETED: "step.completed", FAILED: "step.failed", SKIPPED: "step.skipped" } as const;

/** The event log's entry for a settled step: facts only, never outputs. */
export function stepEvent(settlement: StepSettlement): NewEvent {
  const { step, status, attempt, durationMs, error, reason } = settlement;
  return {
    type: eventOfStatus[status],
    step,
    payload: {
      attempt,
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(reason === undefined ? {} : { reason }),
      ...(error === undefined ? {} : { code: error.code, category: error.category, message: error.message }),
    },
  };
}

const eventOfEnd: Readonly<Record<Exclude<RunStatus, "RUNNING" | "WAITING">, string>> = {
  COMPLETED: "run.completed",
  PARTIAL: "run.partial",
  FAILED: "run.failed",
  CANCELLED: "run.cancelled",
};

export function endEvent(end: NonNullable<Transition["end"]>, name: string): NewEvent {
  return {
    type: eventOfEnd[end.status],
    payload: {
      name,
      durationMs: end.durationMs,
      ...(end.errorStep === undefined ? {} : { step: end.errorStep }),
      ...(end.error === undefined
        ? {}
        : { code: end.error.code, category: end.error.category, message: end.error.message }),
    },
  };
}
