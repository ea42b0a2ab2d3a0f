import { encodeJson, type ItemRecord, type Json, serializeError, sleep, SpineError, toSpineError } from "@spine/core";
import type { Outcome, StepOutcome, Wait } from "../../engine/program.ts";
import { mayRetry, noRetry, retryDelayMs } from "../../engine/retry.ts";
import type { StepScope } from "../../engine/scope.ts";
import type { WorkflowContext } from "../context.ts";
import type { MapStep } from "../steps/map.ts";
import type { ItemWork } from "./item-work.ts";
import { type Items, itemsOf } from "./items.ts";
import { createSettler, type Settler } from "./settler.ts";

/** Items that are in memory at once, at most. */
const chunkSize = 500;
/** Results of so many items are in the step's output; those of more are read with `context.results(step)`. */
const inlineResults = 1000;
/** A step waits for so many child runs by name; with more it is asked again when the first is due. */
const namedChildren = 500;

/**
 * Works through items chunk by chunk: those that an earlier try left first, then those that the source still has. An item that
 * completed is not done again; one that failed is, when the step is tried again.
 */
export async function runMap(
  step: MapStep,
  work: ItemWork,
  context: WorkflowContext,
  scope: StepScope,
): Promise<StepOutcome> {
  const items = itemsOf(scope);
  const progress = new MapProgress(step, work, scope, createSettler(items));
  try {
    const { total } = await items.tally();
    for (let after = -1; progress.goesOn;) {
      const left = await items.page(after, chunkSize, ["PENDING", "FAILED"]);
      const last = left.at(-1);
      if (last === undefined) break;
      after = last.index;
      await progress.perform(left);
    }
    let next = total;
    for await (const chunk of chunksOf(step, context, total)) {
      if (!progress.goesOn) break;
      await items.add(next, chunk);
      const records = chunk.map((item, offset) => pending(next + offset, item));
      next += chunk.length;
      await progress.perform(records);
    }
    await progress.settled();
    return await progress.outcome(items);
  } catch (thrown) {
    return { status: "FAILED", error: toSpineError(thrown, "STEP_THREW", { step: step.name }) };
  }
}

class MapProgress {
  readonly #step: MapStep;
  readonly #work: ItemWork;
  readonly #scope: StepScope;
  readonly #settler: Settler;
  readonly #waits: Wait[] = [];
  #failed = 0;
  #first: SpineError | undefined;

  constructor(step: MapStep, work: ItemWork, scope: StepScope, settler: Settler) {
    this.#step = step;
    this.#work = work;
    this.#scope = scope;
    this.#settler = settler;
  }

  /** Whether a further item may begin. */
  get goesOn(): boolean {
    return !this.#scope.isAborted && !this.#isTooMuch;
  }

  get #isTooMuch(): boolean {
    const { onItemError } = this.#step;
    if (this.#failed === 0 || onItemError === "continue") return false;
    if (onItemError === "stop") return true;
    return "maxFailed" in onItemError && this.#failed > onItemError.maxFailed;
  }

  /** Does items, so many at once as the step allows. */
  async perform(records: readonly ItemRecord[]): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (this.goesOn) {
        const record = records[next];
        if (record === undefined) return;
        next += 1;
        await this.#do(record);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#step.concurrency, records.length) }, worker));
    await this.#settler.drained();
  }

  async #do({ index, item, attempt: before }: ItemRecord): Promise<void> {
    const { clock, random } = this.#scope.environment;
    const policy = this.#step.itemRetry ?? noRetry;
    for (let tries = 1; ; tries += 1) {
      const attempt = before + tries;
      const outcome = await this.#work(item, index, attempt);
      // Interrupted, not failed: it is done again when the step is.
      if (this.#scope.isAborted) return;
      if (outcome.status === "WAITING") return void this.#waits.push(outcome.wait);
      if (outcome.status !== "FAILED") {
        const { output } = outcome;
        return this.#settler.add({ index, status: "COMPLETED", attempt, ...(output === undefined ? {} : { output }) });
      }
      if (mayRetry(policy, tries, outcome.error)) {
        await sleep(clock, retryDelayMs(policy, tries, random(), outcome.error.retryAfterMs), this.#scope.signal);
        if (!this.#scope.isAborted) continue;
        return;
      }
      this.#failed += 1;
      this.#first ??= outcome.error.withContext({ index });
      return this.#settler.add({ index, status: "FAILED", attempt, error: serializeError(outcome.error) });
    }
  }

  settled(): Promise<void> {
    return this.#settler.drained();
  }

  async outcome(items: Items): Promise<StepOutcome> {
    if (this.#scope.isAborted) return { status: "FAILED", error: toSpineError(this.#scope.signal.reason, "CANCELLED") };
    const tally = await items.tally();
    if (this.#isTooMuch || isAboveFraction(this.#step, tally)) return this.#failure(tally);
    if (this.#waits.length > 0) return { status: "WAITING", wait: waitForAll(this.#waits) };
    const { total, completed, failed } = tally;
    const isInline = !items.isDurable || total <= inlineResults;
    const { runId, step } = this.#scope.facts();
    const output: Json = Object.freeze({
      total,
      completed,
      failed,
      ...(isInline ? { results: await resultsOf(items) } : { items: Object.freeze({ runId, step }) }),
    });
    return { status: "COMPLETED", output };
  }

  #failure({ total, failed }: { readonly total: number; readonly failed: number }): Outcome {
    const cause = this.#first;
    const error = new SpineError(
      "STEP_FAILED",
      `Step "${this.#step.name}": ${failed} of ${total} items failed${cause === undefined ? "" : `, the first with: ${cause.message}`}`,
      {
        ...(cause === undefined ? {} : { category: cause.category, retryable: cause.retryable, cause }),
        context: { step: this.#step.name, failed, total, ...cause?.context },
      },
    );
    return { status: "FAILED", error };
  }
}

function isAboveFraction({ onItemError }: MapStep, { total, failed }: { total: number; failed: number }): boolean {
  if (typeof onItemError === "string" || !("maxFailedFraction" in onItemError)) return false;
  return failed > total * onItemError.maxFailedFraction;
}

async function resultsOf(items: Items): Promise<Json> {
  const results: Json[] = [];
  for (let after = -1; ;) {
    const page = await items.page(after, chunkSize);
    for (const { output } of page) results.push(output ?? null);
    const last = page.at(-1);
    if (last === undefined) return Object.freeze(results);
    after = last.index;
  }
}

function waitForAll(waits: readonly Wait[]): Wait {
  const untils = waits.flatMap(({ until }) => (until === undefined ? [] : [until])).toSorted();
  const children = waits.flatMap((wait) => wait.children ?? []).slice(0, namedChildren);
  return { reason: "items", ...(untils[0] === undefined ? {} : { until: untils[0] }), children };
}

/** The source's items in chunks, without those that an earlier try has added. */
async function* chunksOf(step: MapStep, context: WorkflowContext, skip: number): AsyncGenerator<readonly Json[]> {
  let chunk: Json[] = [];
  let index = 0;
  for await (const given of step.source(context)) {
    index += 1;
    if (index <= skip) continue;
    const item = encodeJson(given);
    if (item.isErr()) throw item.error.withContext({ step: step.name, index: index - 1 });
    chunk.push(item.value);
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function pending(index: number, item: Json): ItemRecord {
  return { index, status: "PENDING", item, output: undefined, error: undefined, attempt: 0 };
}
