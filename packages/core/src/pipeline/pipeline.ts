import { SpineError } from "../errors/spine-error.ts";
import { parseKey } from "../keys.ts";
import type { Result, ResultAsync } from "../result.ts";
import type { PipelineContext } from "./context.ts";
import type { Schema, SchemaInput, SchemaOutput } from "./schema.ts";
import type { Skipped } from "./skipped.ts";

/**
 * The pipelines known at edit time: key → parameters and output. Empty here; a plugin's entry file adds its own:
 * `declare module "@spine/core" { interface Pipelines extends PipelinesOf<typeof pipelines> {} }`. Once any key is declared, a
 * misspelt key or parameter is a compile error (design 4.8).
 */
export interface Pipelines {}

/** Keys of declared pipelines, or any string while none is declared. */
export type PipelineKey = [keyof Pipelines] extends [never] ? string : keyof Pipelines & string;

/** The shape of {@link Pipelines} for a tuple of pipelines. */
export type PipelinesOf<List extends readonly Pipeline[]> = {
  readonly [P in List[number] as P["key"]]: { readonly params: InputOf<P>; readonly output: OutputOf<P> };
};

/** What a caller passes to a pipeline. */
export type InputOf<P> = P extends { readonly params?: infer S } ? SchemaInput<NonNullable<S>> : unknown;
/** What a pipeline returns. */
export type OutputOf<P> = P extends { readonly types?: { readonly output: infer O } } ? O : unknown;

/** What `run` may resolve to: the output, {@link Skipped}, or a Result of either; it may also throw. */
export type PipelineReturn<Output> = Output | Skipped<Output> | Result<Output | Skipped<Output>, unknown>;

/** {@link PipelineReturn}, now or later. A ResultAsync is named because its own `then` does not fit PromiseLike. */
type Returned<Output> =
  | PipelineReturn<Output>
  | PromiseLike<PipelineReturn<Output>>
  | ResultAsync<Output | Skipped<Output>, unknown>;

/** A registered unit of work: what it needs, what it takes and gives, and the code that does it. Frozen. */
export interface Pipeline<Key extends string = string, Params extends Schema = Schema, Output = unknown> {
  readonly key: Key;
  /** Changed by its author when the same parameters begin to give other results. @defaultValue "1" */
  readonly version: string;
  readonly description: string | undefined;
  readonly params?: Params;
  readonly output?: Schema<unknown, Output>;
  /** What the store or host must have: `sql`, `sources`. Checked before a run starts. */
  readonly needs: readonly string[];
  /** Only for types; never there at run time. */
  readonly types?: { readonly output: Output };
  run(context: PipelineContext<unknown, Output>): Returned<Output>;
}

export interface PipelineDefinition<Key extends string, Params extends Schema, Output> {
  /** Words joined by `.` or `/`: `finra.otc.ingest_week`. */
  readonly key: Key;
  readonly version?: string;
  readonly description?: string;
  /** Any Standard Schema. Without it, parameters pass through unchecked. */
  readonly params?: Params;
  /** Any Standard Schema. What does not fit fails the step with `OUTPUT_INVALID`. */
  readonly output?: Schema<unknown, Output>;
  readonly needs?: readonly string[];
  run(context: PipelineContext<SchemaOutput<Params>, Output>): Returned<Output>;
}

/**
 * Declares a pipeline. Throws on a mistake in program text (`KEY_INVALID`, `CONFIG_INVALID`).
 * @example
 * const ingest = definePipeline({
 *   key: "prices.fetch_daily",
 *   params: z.object({ symbol: z.string() }),
 *   output: z.object({ rows: z.int() }),
 *   run: async ({ params, log }) => ({ rows: (await fetchPrices(params.symbol)).length }),
 * });
 */
export function definePipeline<const Key extends string, Params extends Schema, Output>(
  definition: PipelineDefinition<Key, Params, Output>,
): Pipeline<Key, Params, Output> {
  const key = parseKey("Pipeline", definition.key);
  if (key.isErr()) throw key.error;
  if (typeof definition.run !== "function") {
    throw new SpineError("CONFIG_INVALID", `Pipeline "${definition.key}" has no run function. Give it one.`);
  }
  return Object.freeze({
    key: definition.key,
    version: definition.version ?? "1",
    description: definition.description,
    ...(definition.params === undefined ? {} : { params: definition.params }),
    ...(definition.output === undefined ? {} : { output: definition.output }),
    needs: Object.freeze([...(definition.needs ?? [])]),
    run: (context: PipelineContext<unknown, Output>) =>
      definition.run(context as PipelineContext<SchemaOutput<Params>, Output>),
  });
}

declare const pipelineKeyBrand: unique symbol;

/** A pipeline's key with its types, for people who dislike module augmentation; a plain string in JSON. */
export type TypedPipelineKey<Params, Output> = string & {
  readonly [pipelineKeyBrand]: { readonly params: Params; readonly output: Output };
};

/** Names a pipeline with its types: `pipelineKey<{ week: string }, { rows: number }>("finra.otc.ingest_week")`. */
export function pipelineKey<Params, Output>(key: string): TypedPipelineKey<Params, Output> {
  return key as TypedPipelineKey<Params, Output>;
}
