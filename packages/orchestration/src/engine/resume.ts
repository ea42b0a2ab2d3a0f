import {
  contentHash,
  deserializeError,
  err,
  isJsonObject,
  type Json,
  type JsonObject,
  ok,
  OrchestrationError,
  type Result,
  type RunRecord,
  type SpineError,
  type StepRecord,
  type Store,
} from "@spine/core";
import type { WorkflowContext } from "../workflows/context.ts";
import type { Executable } from "./executable.ts";
import type { Outcome, Wait } from "./program.ts";
import type { Counter } from "./transitions.ts";

/** What an earlier execution of a run left: which steps are behind it, and what they put into the context. */
export interface History {
  readonly settled: ReadonlyMap<number, Outcome>;
  /** Number of the next attempt, for steps that were tried and have to run (again). */
  readonly attempts: ReadonlyMap<number, number>;
  /** Steps whose process ended so often while they ran that they are not begun once more. */
  readonly wornOut: ReadonlySet<number>;
  /** Steps that were begun and are not behind it. */
  readonly begun: ReadonlySet<number>;
  readonly waits: ReadonlyMap<number, Wait>;
  /** By name, the last signal a step has taken. */
  readonly taken: ReadonlyMap<string, number>;
  /** The first failure, in time, of a run whose compensations are under way. */
  readonly failure: { readonly step: string; readonly error: SpineError } | undefined;
  readonly context: WorkflowContext;
  readonly counter: Counter;
  readonly order: number;
}

/** How often a step may be begun whose process ends while it runs: a step that kills its process must not do so for ever (design 4.12). */
const maxInterrupted = 5;

/** Rebuilds a run from its step rows. Completed steps stay behind; failed, interrupted and passed-over ones are decided again. */
export function historyOf(executable: Executable, steps: readonly StepRecord[], fresh: WorkflowContext): History {
  const positions = new Map(executable.steps.map(({ name }, position) => [name, position]));
  const settled = new Map<number, Outcome>();
  const attempts = new Map<number, number>();
  const wornOut = new Set<number>();
  const begun = new Set<number>();
  const waits = new Map<number, Wait>();
  const taken = new Map<string, number>();
  let failure: History["failure"];
  const counter: Counter = {
    total: executable.ownSteps ?? executable.steps.length,
    completed: 0,
    failed: 0,
    skipped: 0,
  };
  let context = fresh;
  let order = 0;
  for (const record of steps.toSorted((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity))) {
    order = Math.max(order, record.order ?? 0);
    const position = positions.get(record.step);
    if (position === undefined) continue;
    const outcome = settledOutcome(record);
    if (outcome === undefined) {
      if (record.status === "FAILED" && record.error !== undefined)
        failure ??= { step: record.step, error: deserializeError(record.error) };
      if (record.attempt > 0) begun.add(position);
      // A step that was interrupted while it was asked again waits for what it waited for.
      if (record.wait !== undefined && (record.status === "WAITING" || record.status === "RUNNING"))
        waits.set(position, record.wait as unknown as Wait);
      // The claim has counted the attempt of a step that was interrupted; a failed one begins a new one now.
      const { maxAttempts = 1 } = executable.steps[position]?.retry ?? {};
      if (record.status === "RUNNING" && record.attempt > Math.max(maxAttempts, maxInterrupted)) wornOut.add(position);
      if (record.attempt > 0) attempts.set(position, record.status === "FAILED" ? record.attempt + 1 : record.attempt);
      continue;
    }
    settled.set(position, outcome);
    const signal = takenSignal(outcome);
    if (signal !== undefined) taken.set(signal.name, Math.max(taken.get(signal.name) ?? 0, signal.sequence));
    if (outcome.status === "COMPLETED") counter.completed += 1;
    else counter.skipped += 1;
    if (outcome.output !== undefined) context = context.withOutput(record.step, outcome.output);
    if (outcome.updates !== undefined) context = context.withUpdates(outcome.updates);
  }
  // A failure that is being made good stays the run's; any other is decided again.
  const compensates = [...begun, ...settled.keys()].some((position) => position >= counter.total);
  return {
    settled,
    attempts,
    wornOut,
    begun,
    waits,
    taken,
    failure: compensates ? failure : undefined,
    context,
    counter,
    order,
  };
}

/** The signal that ended a step; its output names it. */
export function takenSignal({ output }: Outcome): { readonly name: string; readonly sequence: number } | undefined {
  if (!isJsonObject(output)) return undefined;
  const { signal, sequence } = output;
  return typeof signal === "string" && typeof sequence === "number" ? { name: signal, sequence } : undefined;
}

/** A step that is behind the run: it completed, or it ran and said that there was nothing to do. */
function settledOutcome({ status, attempt, output, updates, reason, error, next }: StepRecord): Outcome | undefined {
  const facts = {
    ...(output === undefined ? {} : { output }),
    ...(updates === undefined ? {} : { updates }),
    ...(next === undefined ? {} : { next }),
  };
  if (status === "COMPLETED") return { status, ...facts };
  if (status === "SKIPPED" && attempt > 0)
    return { status, reason: reason ?? (error === undefined ? "" : deserializeError(error).message), ...facts };
  return undefined;
}

/** Refuses to go on with another definition than the run's own; the text says what differs. */
export async function checkDefinition(
  executable: Executable,
  record: RunRecord,
  store: Store,
): Promise<Result<void, SpineError>> {
  if (contentHash(executable.document) === record.definitionHash) return ok(undefined);
  const stored = await store.runs.definition({ definitionHash: record.definitionHash });
  if (stored.isErr()) return err(stored.error);
  const differences =
    stored.value === undefined ? ["the stored definition is gone"] : differencesOf(stored.value, executable.document);
  return err(
    new OrchestrationError(
      `Run ${record.runId} started with another definition of ${record.kind} "${record.name}": ${differences.join("; ")}. Restore that definition, or start a new run.`,
      { code: "DEFINITION_CHANGED", context: { runId: record.runId, differences } },
    ),
  );
}

function differencesOf(before: JsonObject, now: JsonObject): readonly string[] {
  const then = stepsByName(before);
  const today = stepsByName(now);
  const differences = [
    ...[...then.keys()].filter((name) => !today.has(name)).map((name) => `step "${name}" is gone`),
    ...[...today.keys()].filter((name) => !then.has(name)).map((name) => `step "${name}" is new`),
    ...[...today]
      .filter(([name, step]) => then.has(name) && contentHash(then.get(name) ?? null) !== contentHash(step))
      .map(([name]) => `step "${name}" changed`),
  ];
  return differences.length === 0 ? ["its settings or the order of its steps changed"] : differences;
}

function stepsByName(document: JsonObject): Map<string, Json> {
  const spec = document["spec"];
  const steps = document["steps"] ?? (isJsonObject(spec) ? spec["pipelines"] : undefined);
  const list: readonly Json[] = Array.isArray(steps) ? steps : [];
  return new Map(
    list.flatMap((step): [string, Json][] =>
      isJsonObject(step) && typeof step["name"] === "string" ? [[step["name"], step]] : [],
    ),
  );
}
