import {
  ConfigError,
  encodeJsonObject,
  err,
  type InstantInput,
  type Instant,
  type JsonObject,
  ok,
  parseInstant,
  parseParams,
  type Pipeline,
  refuseUnknownParams,
  type Result,
  type Schema,
  type SpineError,
} from "@spine/core";
import type { Executable } from "./executable.ts";
import type { EngineEnvironment } from "./scope.ts";

/** How a run is started. */
export interface RunOptions<Params = Readonly<Record<string, unknown>>> {
  readonly params?: Params | undefined;
  readonly partition?: string | undefined;
  /** Every read of the run sees the world as it was then (design 4.6). */
  readonly asOf?: InstantInput | undefined;
  /** One id for all runs of a batch. */
  readonly batchId?: string | undefined;
  /** Who asked: `api`, `cli`, `schedule`, `parent`. @defaultValue api */
  readonly triggeredBy?: string | undefined;
  /** The run's id, for a caller that must find the run again whatever happens. Fails with `RUN_EXISTS` when it is taken. @defaultValue a new one */
  readonly runId?: string | undefined;
  /** The same key is the same run: a second start joins it, or gets what became of it. Unique among runs of the same name. */
  readonly idempotencyKey?: string | undefined;
  /** Of runs that are due or queued, those with more come first. @defaultValue 0 */
  readonly priority?: number | undefined;
  /** How long to wait for a run that is WAITING; after that it is handed out as it stands. @defaultValue 0 */
  readonly waitMs?: number | undefined;
  /**
   * What happens when groups this one depends on have not completed: it is refused with `GROUP_DEPENDENCY_UNMET`, they are run first,
   * or it runs all the same. @defaultValue check
   */
  readonly dependencies?: "check" | "run" | "ignore" | undefined;
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal | undefined;
  /** Pipelines are not performed and nothing is recorded; lambdas run and may look at `context.isDryRun`. @defaultValue false */
  readonly dryRun?: boolean | undefined;
}

export interface Prepared {
  readonly params: JsonObject;
  readonly asOf: Instant | undefined;
}

/**
 * Everything that can be wrong before a run starts: unknown pipelines, missing capabilities, parameters. Defaults < run parameters,
 * then the schema's own parsing. A parameter given as `undefined` is one that is not given.
 */
export async function prepareRun(
  executable: Executable,
  options: RunOptions,
  environment: EngineEnvironment,
): Promise<Result<Prepared, SpineError>> {
  const pipelines = findPipelines(executable, environment);
  if (pipelines.isErr()) return err(pipelines.error);
  const subject = `${capitalized(executable.kind)} "${executable.name}"`;
  const context = { [executable.kind]: executable.name };

  const asked = Object.fromEntries(Object.entries(options.params ?? {}).filter(([, value]) => value !== undefined));
  const merged = { ...executable.defaults, ...asked };
  if (executable.refusesUnknownParams) {
    const refused = refuseUnknownParams(
      schemasOf(executable, pipelines.value),
      givenBeyondDefaults(executable, options),
      {
        subject,
        context,
      },
    );
    if (refused.isErr()) return err(refused.error);
  }
  const parsed = await parseParams(executable.paramsSchema, merged, { subject, context });
  if (parsed.isErr()) return err(parsed.error);
  const params = encodeJsonObject(isObject(parsed.value) ? { ...merged, ...parsed.value } : merged);
  if (params.isErr()) return err(params.error.withContext(context));
  if (options.asOf === undefined) return ok({ params: params.value, asOf: undefined });
  return parseInstant(options.asOf).map((asOf) => ({ params: params.value, asOf }));
}

/** Of some parameters, those that an executable takes. */
export function paramsTakenBy(
  executable: Executable,
  params: Readonly<Record<string, unknown>>,
  environment: EngineEnvironment,
): Result<Readonly<Record<string, unknown>>, SpineError> {
  return findPipelines(executable, environment).map((pipelines) => {
    const schemas = schemasOf(executable, pipelines);
    const isTaken = (name: string, value: unknown): boolean =>
      Object.hasOwn(executable.defaults, name) ||
      refuseUnknownParams(schemas, { [name]: value }, { subject: "", context: {} }).isOk();
    return Object.fromEntries(Object.entries(params).filter(([name, value]) => isTaken(name, value)));
  });
}

function schemasOf({ paramsSchema }: Executable, pipelines: readonly Pipeline[]): readonly (Schema | undefined)[] {
  return [...(paramsSchema === undefined ? [] : [paramsSchema]), ...pipelines.map(({ params }) => params)];
}

function givenBeyondDefaults({ defaults }: Executable, { params = {} }: RunOptions): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !Object.hasOwn(defaults, name)));
}

function findPipelines(
  executable: Executable,
  environment: EngineEnvironment,
): Result<readonly Pipeline[], SpineError> {
  const found: Pipeline[] = [];
  for (const key of new Set(executable.pipelines)) {
    const pipeline = environment.pipelines.get(key);
    if (pipeline.isErr()) return err(pipeline.error);
    const missing = pipeline.value.needs.find((need) => !offers(environment, need));
    if (missing !== undefined) return err(capabilityMissing(pipeline.value, missing, environment));
    found.push(pipeline.value);
  }
  return ok(found);
}

function offers({ store, services }: EngineEnvironment, need: string): boolean {
  return store?.capabilities.has(need) === true || Object.hasOwn(services, need);
}

function capabilityMissing(pipeline: Pipeline, need: string, { store }: EngineEnvironment): SpineError {
  const remedy =
    need === "sql" ? "Use sqlite(path) or postgres(url)." : `Add the part that offers ${need} to \`parts\`.`;
  return new ConfigError(
    `Pipeline "${pipeline.key}" needs ${need}, which ${store === undefined ? "a runner without a store" : `the ${store.kind} store`} has not. ${remedy}`,
    { code: "CAPABILITY_MISSING", context: { pipeline: pipeline.key, need } },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
