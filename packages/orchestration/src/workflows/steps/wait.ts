import {
  type Instant,
  type InstantInput,
  instantOfMs,
  isJsonObject,
  type Json,
  msOf,
  parseInstant,
  type SignalRecord,
  SpineError,
} from "@spine/core";
import type { StepOutcome, Wait } from "../../engine/program.ts";
import type { StepScope } from "../../engine/scope.ts";
import type { WorkflowContext } from "../context.ts";
import { policyOf, type StepBase, type StepKind, type StepPolicyOptions } from "../step-kind.ts";

/** A partition that has to be ready before a run goes on. */
export interface AwaitedPartition {
  readonly domain: string;
  /** @defaultValue the run's own partition */
  readonly partition?: string;
  readonly stage: string;
  readonly tier?: string;
}

/** Exactly one of `forMs`, `until`, `signal` and `partition`; the last two may have a limit. */
export interface WaitOptions extends Pick<StepPolicyOptions, "onError" | "dependsOn"> {
  /** So long from when the step was begun, whoever runs meanwhile. */
  readonly forMs?: number;
  /** Until an instant, or a parameter or output that holds one, as `{ path: "params.opensAt" }`. */
  readonly until?: InstantInput | { readonly path: string };
  /** Until a signal of this name; its payload is in the output. */
  readonly signal?: string;
  /** Until a partition has a current capture at this stage. */
  readonly partition?: AwaitedPartition;
  /** How long to wait for a signal or partition; then the step fails with `WAIT_TIMEOUT`. @defaultValue for ever */
  readonly timeoutMs?: number;
  /** How often a partition is looked for. @defaultValue 60,000 */
  readonly lookMs?: number;
}

export interface WaitStep extends StepBase {
  readonly kind: StepKind<WaitStep>;
  readonly wait: Readonly<Omit<WaitOptions, "onError" | "dependsOn" | "until">> & {
    readonly until?: Instant | { readonly path: string };
  };
}

const waitKind: StepKind<WaitStep> = Object.freeze<StepKind<WaitStep>>({
  kind: "wait",
  async execute({ name, wait }, context, scope) {
    if (context.isDryRun) return { status: "COMPLETED", output: Object.freeze({ dryRun: true }) };
    const now = instantOfMs(scope.environment.clock.nowMs());
    const begun = beginning(scope.wait) ?? now;
    const state = { begun };
    if (wait.forMs !== undefined) return until(instantOfMs(msOf(begun) + wait.forMs), { now, state, reason: "timer" });
    if (wait.until !== undefined) {
      const instant = instantIn(name, wait.until, context);
      return instant instanceof SpineError
        ? { status: "FAILED", error: instant }
        : until(instant, { now, state, reason: "timer" });
    }
    const limit = wait.timeoutMs === undefined ? undefined : instantOfMs(msOf(begun) + wait.timeoutMs);
    if (wait.signal !== undefined) return forSignal(name, wait.signal, scope, { now, state, limit });
    return forPartition(name, wait, context, scope, { now, state, limit });
  },
  toDocument: ({ wait }) => ({
    ...(wait.forMs === undefined ? {} : { forMs: wait.forMs }),
    ...(wait.until === undefined ? {} : { until: typeof wait.until === "string" ? wait.until : { ...wait.until } }),
    ...(wait.signal === undefined ? {} : { signal: wait.signal }),
    ...(wait.partition === undefined ? {} : { partition: { ...wait.partition } }),
    ...(wait.timeoutMs === undefined ? {} : { limitMs: wait.timeoutMs }),
    ...(wait.lookMs === undefined ? {} : { lookMs: wait.lookMs }),
  }),
  check: ({ name, wait }) => mistakeIn(name, wait),
});

/** Throws `INSTANT_INVALID` when `until` is no point in time. */
export function waitStep(name: string, options: WaitOptions): WaitStep {
  const { onError, dependsOn, until: given, ...rest } = options;
  const policy = policyOf({
    ...(onError === undefined ? {} : { onError }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  });
  return Object.freeze({
    name,
    kind: waitKind,
    wait: Object.freeze({ ...rest, ...(given === undefined ? {} : { until: givenInstant(given) }) }),
    ...policy,
  });
}

function givenInstant(given: NonNullable<WaitOptions["until"]>): Instant | { readonly path: string } {
  if (typeof given === "object" && !(given instanceof Date)) return Object.freeze({ ...given });
  const parsed = parseInstant(given);
  if (parsed.isErr()) throw parsed.error;
  return parsed.value;
}

function mistakeIn(name: string, wait: WaitStep["wait"]): SpineError | undefined {
  const given = (["forMs", "until", "signal", "partition"] as const).filter((key) => wait[key] !== undefined);
  const why =
    given.length !== 1
      ? `waits for ${given.length === 0 ? "nothing" : given.join(" and ")}; give it one of forMs, until, signal and partition`
      : wait.forMs !== undefined && !(wait.forMs >= 0)
        ? `has forMs ${wait.forMs}; it must be at least 0`
        : wait.timeoutMs !== undefined && !(wait.timeoutMs > 0)
          ? `has timeoutMs ${wait.timeoutMs}; it must be above 0`
          : undefined;
  return why === undefined ? undefined : new SpineError("WORKFLOW_INVALID", `Wait step "${name}" ${why}.`);
}

function beginning(wait: Wait | undefined): Instant | undefined {
  const begun = wait?.state?.["begun"];
  return typeof begun === "string" ? (begun as Instant) : undefined;
}

interface Facts {
  readonly now: Instant;
  readonly state: { readonly begun: Instant };
}

function until(instant: Instant, { now, state, reason }: Facts & { readonly reason: string }): StepOutcome {
  if (instant > now) return { status: "WAITING", wait: { reason, until: instant, state } };
  return {
    status: "COMPLETED",
    output: Object.freeze({ until: instant, waitedMs: msOf(now) - msOf(state.begun) }),
  };
}

/** Takes the oldest signal of the name that no other step has taken, or waits for one. */
export async function forSignal(
  step: string,
  signal: string,
  scope: StepScope,
  { now, state, limit }: Facts & { readonly limit: Instant | undefined },
): Promise<StepOutcome> {
  const signals = await scope.signals(signal);
  if (signals.isErr()) return { status: "FAILED", error: signals.error };
  const [first] = signals.value;
  if (first !== undefined) return { status: "COMPLETED", output: signalOutput(first) };
  if (limit !== undefined && limit <= now) return timedOut(step, `signal "${signal}"`);
  return { status: "WAITING", wait: { reason: "signal", signal, until: limit, state } };
}

function signalOutput({ name, payload, sequence, sentAt }: SignalRecord): Json {
  return Object.freeze({ signal: name, payload, sequence, sentAt });
}

async function forPartition(
  step: string,
  { partition: awaited, lookMs = 60_000 }: WaitStep["wait"],
  context: WorkflowContext,
  scope: StepScope,
  { now, state, limit }: Facts & { readonly limit: Instant | undefined },
): Promise<StepOutcome> {
  const partition = awaited?.partition ?? context.partition;
  if (awaited === undefined || partition === undefined) {
    const error = new SpineError("WORKFLOW_INVALID", `Wait step "${step}" names no partition and its run has none.`);
    return { status: "FAILED", error };
  }
  const ready = await scope.isReady({ ...awaited, partition });
  if (ready.isErr()) return { status: "FAILED", error: ready.error };
  if (ready.value !== undefined) return { status: "COMPLETED", output: ready.value };
  if (limit !== undefined && limit <= now)
    return timedOut(step, `partition ${awaited.domain} ${partition} ${awaited.stage}`);
  const next = instantOfMs(msOf(now) + lookMs);
  const wake = limit !== undefined && limit < next ? limit : next;
  return { status: "WAITING", wait: { reason: "partition", until: wake, state } };
}

function timedOut(step: string, what: string): StepOutcome {
  const error = new SpineError("WAIT_TIMEOUT", `Step "${step}" waited for ${what}, which did not come in time.`, {
    context: { step },
  });
  return { status: "FAILED", error };
}

function instantIn(
  step: string,
  given: Instant | { readonly path: string },
  context: WorkflowContext,
): Instant | SpineError {
  if (typeof given === "string") return given;
  const [root = "", ...path] = given.path.split(".");
  let value: unknown =
    root === "params" ? context.paramsObject() : root === "outputs" ? context.outputsObject() : undefined;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  const parsed = parseInstant(typeof value === "string" ? value : "");
  if (parsed.isOk()) return parsed.value;
  return new SpineError(
    "INSTANT_INVALID",
    `Step "${step}": ${given.path} is not a point in time: ${JSON.stringify(value)}.`,
    {
      context: { step, path: given.path },
    },
  );
}
