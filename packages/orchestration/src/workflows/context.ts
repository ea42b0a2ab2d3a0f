import {
  errAsync,
  type Instant,
  isJsonObject,
  isReference,
  type ItemStore,
  type Json,
  type JsonObject,
  type Reference,
  type ReferenceStore,
  type ResultAsync,
  SpineError,
} from "@spine/core";
import { objectView, VersionedMap } from "./versioned-map.ts";

/** What stays the same in all contexts of one run. */
export interface RunIdentity {
  readonly runId: string;
  /** The workflow, group or pipeline. */
  readonly name: string;
  /** For distributed tracing; children share their parent's. */
  readonly traceId: string;
  readonly executionId: string;
  readonly batchId: string | undefined;
  readonly parentRunId: string | undefined;
  readonly startedAt: Instant;
  readonly partition: string | undefined;
  readonly asOf: Instant | undefined;
  /** Pipelines are not performed; lambdas run and may look. */
  readonly isDryRun: boolean;
}

/**
 * The immutable value that flows through a workflow: ids, parameters, outputs by step, metadata (seed 000). Every change makes a
 * new context that shares what did not change, so the thousandth output costs what the first did (design 4.4).
 */
export class WorkflowContext<Params = JsonObject, Outputs = Readonly<Record<string, Json>>> {
  readonly #run: RunIdentity;
  readonly #params: VersionedMap<Json>;
  readonly #outputs: VersionedMap<Json>;
  readonly #metadata: VersionedMap<Json>;
  readonly #references: ReferenceStore | undefined;
  readonly #items: ItemStore | undefined;
  #paramsView: Params | undefined;
  #outputsView: Outputs | undefined;

  private constructor(
    run: RunIdentity,
    params: VersionedMap<Json>,
    outputs: VersionedMap<Json>,
    metadata: VersionedMap<Json>,
    references: ReferenceStore | undefined,
    items: ItemStore | undefined,
  ) {
    this.#items = items;
    this.#run = run;
    this.#params = params;
    this.#outputs = outputs;
    this.#metadata = metadata;
    this.#references = references;
  }

  static create(options: {
    readonly run: RunIdentity;
    readonly params: JsonObject;
    readonly metadata?: JsonObject;
    readonly references?: ReferenceStore | undefined;
    readonly items?: ItemStore | undefined;
  }): WorkflowContext {
    return new WorkflowContext(
      Object.freeze({ ...options.run }),
      VersionedMap.of(options.params),
      VersionedMap.of<Json>({}),
      VersionedMap.of(options.metadata ?? {}),
      options.references,
      options.items,
    );
  }

  get run(): RunIdentity {
    return this.#run;
  }
  get runId(): string {
    return this.run.runId;
  }
  get traceId(): string {
    return this.run.traceId;
  }
  get batchId(): string | undefined {
    return this.run.batchId;
  }
  get executionId(): string {
    return this.run.executionId;
  }
  get partition(): string | undefined {
    return this.run.partition;
  }
  get asOf(): Instant | undefined {
    return this.run.asOf;
  }
  get isDryRun(): boolean {
    return this.run.isDryRun;
  }

  /** Parameters, with the updates of earlier steps. */
  get params(): Params {
    return (this.#paramsView ??= objectView(this.#params) as Params);
  }

  /** Outputs by step name; a step that was skipped or passed over has none. */
  get outputs(): Outputs {
    return (this.#outputsView ??= objectView(this.#outputs, guardReference) as Outputs);
  }

  get metadata(): JsonObject {
    return objectView(this.#metadata);
  }

  /** A parameter, or the default when there is none. */
  get<T = Json>(key: string): T | undefined;
  get<T = Json>(key: string, fallback: T): T;
  get<T = Json>(key: string, fallback?: T): T | undefined {
    return this.#params.has(key) ? (this.#params.get(key) as T) : fallback;
  }

  /** A step's output, or one member of it, or the default when there is none. */
  getOutput<T = Json>(step: string): T | undefined;
  getOutput<T = Json>(step: string, key: string): T | undefined;
  getOutput<T = Json>(step: string, key: string, fallback: T): T;
  getOutput<T = Json>(step: string, key?: string, fallback?: T): T | undefined {
    const output = this.#outputs.get(step);
    if (key === undefined) return output as T | undefined;
    if (isReference(output)) throw referenceError(step, output);
    if (typeof output !== "object" || output === null || !Object.hasOwn(output, key)) return fallback;
    return (output as JsonObject)[key] as T;
  }

  hasOutput(step: string): boolean {
    return this.#outputs.has(step);
  }

  /** Reads an output that was too large to travel with the context. Fails with `REFERENCE_NOT_FOUND`. */
  load(reference: Reference): ResultAsync<Json, SpineError> {
    if (this.#references === undefined)
      return errAsync(new SpineError("REFERENCE_NOT_FOUND", "This context has no reference store."));
    return this.#references.get(reference);
  }

  /** What a map step made of its items, in their order and however many they are; `undefined` for one that failed. Throws on a store's error. */
  async *results(step: string): AsyncGenerator<Json | undefined> {
    const output = this.#outputs.get(step);
    const known = isReference(output) ? (await this.load(output)).unwrapOr(undefined) : output;
    if (!isJsonObject(known)) return;
    const { results, items } = known;
    if (Array.isArray(results)) {
      for (const result of results as readonly Json[]) yield result ?? undefined;
      return;
    }
    if (!isJsonObject(items) || this.#items === undefined) return;
    const { runId, step: from } = items;
    if (typeof runId !== "string" || typeof from !== "string") return;
    const at = { runId, step: from };
    for (let after = -1; ;) {
      const page = await this.#items.page({ ...at, after, limit: 500 });
      if (page.isErr()) throw page.error;
      for (const { output: result } of page.value) yield result;
      const last = page.value.at(-1);
      if (last === undefined) return;
      after = last.index;
    }
  }

  /** A context in which the step has this output, in place of an earlier one. The value must be frozen JSON. */
  withOutput(step: string, output: Json): WorkflowContext<Params, Outputs> {
    return new WorkflowContext<Params, Outputs>(
      this.run,
      this.#params,
      this.#outputs.with(step, output),
      this.#metadata,
      this.#references,
      this.#items,
    );
  }

  /** A context whose parameters have these values too; later updates win. */
  withUpdates(updates: JsonObject): WorkflowContext<Params, Outputs> {
    let params = this.#params;
    for (const [key, value] of Object.entries(updates)) params = params.with(key, value);
    return new WorkflowContext<Params, Outputs>(
      this.run,
      params,
      this.#outputs,
      this.#metadata,
      this.#references,
      this.#items,
    );
  }

  withMetadata(key: string, value: Json): WorkflowContext<Params, Outputs> {
    return new WorkflowContext<Params, Outputs>(
      this.run,
      this.#params,
      this.#outputs,
      this.#metadata.with(key, value),
      this.#references,
      this.#items,
    );
  }

  /** All parameters as a plain object of its own. */
  paramsObject(): Record<string, Json> {
    return this.#params.toObject();
  }

  /** All outputs as a plain object of its own. */
  outputsObject(): Record<string, Json> {
    return this.#outputs.toObject();
  }
}

/** An oversized output read as if it were there would look like an empty one; this makes it say what it is. */
function guardReference(output: Json, step: string): unknown {
  if (!isReference(output)) return output;
  return new Proxy(output, {
    get(target, key) {
      if (typeof key === "symbol" || key in target || key === "then" || key === "toJSON")
        return Reflect.get(target, key) as unknown;
      throw referenceError(step, target);
    },
  });
}

function referenceError(step: string, reference: Reference): SpineError {
  return new SpineError(
    "OUTPUT_IS_REFERENCE",
    `The output of step "${step}" is ${Math.ceil(reference.sizeBytes / 1024)} KiB and kept by reference. Read it with \`await context.load(context.outputs.${step})\`.`,
    { context: { step, reference: reference.$ref } },
  );
}
