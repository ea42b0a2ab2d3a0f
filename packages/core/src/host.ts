import { toSpineError } from "./errors/classify.ts";
import { ConfigError } from "./errors/families.ts";
import type { SpineError } from "./errors/spine-error.ts";
import { createEventBus, type EventBus } from "./events/bus.ts";
import { createIds, type IdSource } from "./ids.ts";
import { didYouMean } from "./keys.ts";
import { type Logger, silentLogger } from "./logger.ts";
import type { PipelineContext } from "./pipeline/context.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import { isPlugin, type Plugin } from "./plugin.ts";
import { createPipelineRegistry, type Registry } from "./registry.ts";
import { err, isResult, ok, type Result, ResultAsync, resultAsync } from "./result.ts";
import type { Store, StoreProvider } from "./store/store.ts";
import { type Clock, systemClock } from "./time.ts";

/** Makes one member of the {@link PipelineContext} for one attempt, from the members core gives. */
export type ContextService = (context: PipelineContext) => unknown;

export interface StartedPart<Api> {
  readonly api: Api;
  /** Members it adds to what pipelines are given. */
  readonly services?: Readonly<Record<string, ContextService>>;
  readonly close?: () => ResultAsync<void, SpineError> | PromiseLike<void> | void;
}

/** Something that joins a host: its API appears under `name`, its services in what pipelines are given. */
export interface HostPart<Name extends string = string, Api = unknown> {
  readonly name: Name;
  /** Kinds of contributions it reads; a contribution that nobody reads is refused. */
  readonly reads?: readonly string[];
  start(
    host: Host,
  ):
    | Result<StartedPart<Api>, SpineError>
    | ResultAsync<StartedPart<Api>, SpineError>
    | Promise<Result<StartedPart<Api>, SpineError>>;
}

export interface HostOptions {
  readonly store: StoreProvider;
  readonly plugins?: readonly Plugin[];
  /** Pipelines registered without a plugin. */
  readonly pipelines?: readonly Pipeline[];
  readonly parts?: readonly HostPart[];
  /** @defaultValue silent */
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly ids?: IdSource;
}

/** Owns registries, bus, clock and store. Sealed once it has started; closes in the reverse of the order it started in. */
export interface Host {
  readonly pipelines: Registry<Pipeline>;
  readonly plugins: readonly Plugin[];
  readonly store: Store;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** What plugins contribute of a kind, in the order of the plugins. */
  contributions(kind: string): readonly { readonly owner: string; readonly value: unknown }[];
  /** What the store and the parts offer to pipelines that say `needs`. */
  has(capability: string): boolean;
  /** Services of all parts, by the name of the member they make. */
  readonly services: Readonly<Record<string, ContextService>>;
  /** The API of a part, or undefined when it did not join. */
  part(name: string): unknown;
  close(): ResultAsync<void, SpineError>;
}

/**
 * Opens the store, registers what plugins contribute, starts the parts in order and seals the registries. When anything fails,
 * what was opened is closed again. Fails with the store's errors, `PLUGIN_INVALID`, `KEY_INVALID`, `KEY_DUPLICATE`.
 */
export function createHost(options: HostOptions): ResultAsync<Host, SpineError> {
  return resultAsync(async () => {
    const plugins = checkPlugins(
      options.plugins ?? [],
      new Set(["pipelines", "migrations", ...(options.parts ?? []).flatMap((part) => part.reads ?? [])]),
    );
    if (plugins.isErr()) return err(plugins.error);
    const pipelines = registerPipelines(plugins.value, options.pipelines ?? []);
    if (pipelines.isErr()) return err(pipelines.error);

    const { clock = systemClock, logger = silentLogger } = options;
    const contributions: Host["contributions"] = (kind) =>
      plugins.value.flatMap((plugin) =>
        (plugin.contributions[kind] ?? []).map((value) => ({ owner: plugin.name, value })),
      );
    const opened = await options.store.open({ clock, logger, contributions });
    if (opened.isErr()) return err(opened.error);
    const store = opened.value;

    const closers: Closer[] = [() => store.close()];
    const services: Record<string, ContextService> = {};
    const apis = new Map<string, unknown>();
    let closing: Promise<Result<void, SpineError>> | undefined;
    const host: Host = Object.freeze({
      pipelines: pipelines.value,
      plugins: plugins.value,
      store,
      bus: createEventBus(logger),
      clock,
      ids: options.ids ?? createIds(clock),
      logger,
      contributions,
      has: (capability: string) => store.capabilities.has(capability) || apis.has(capability),
      services,
      part: (name: string) => apis.get(name),
      close: () => new ResultAsync((closing ??= closeAll(closers))),
    });
    for (const part of options.parts ?? []) {
      const started = await startPart(part, host);
      if (started.isErr()) {
        await host.close();
        return err(started.error);
      }
      apis.set(part.name, started.value.api);
      Object.assign(services, started.value.services);
      if (started.value.close !== undefined) closers.push(started.value.close);
    }
    pipelines.value.seal();
    return ok(host);
  });
}

type Closer = NonNullable<StartedPart<unknown>["close"]>;

function checkPlugins(plugins: readonly Plugin[], read: ReadonlySet<string>): Result<readonly Plugin[], SpineError> {
  const names = new Set<string>();
  for (const plugin of plugins) {
    const invalid = (why: string): Result<never, SpineError> => err(new ConfigError(why, { code: "PLUGIN_INVALID" }));
    if (!isPlugin(plugin))
      return invalid("A plugin in `plugins` is not what definePlugin returns. Wrap it in definePlugin.");
    if (names.has(plugin.name)) return invalid(`Plugin "${plugin.name}" is loaded twice. Remove one of them.`);
    names.add(plugin.name);
    const unread = Object.keys(plugin.contributions).find((kind) => !read.has(kind));
    if (unread !== undefined) {
      return invalid(
        `Plugin "${plugin.name}" contributes ${unread}, which nothing in this host reads.${didYouMean(unread, read)} Add the part that reads them to \`parts\`.`,
      );
    }
  }
  for (const plugin of plugins) {
    const absent = plugin.requires.find((name) => !names.has(name));
    if (absent === undefined) continue;
    return err(
      new ConfigError(
        `Plugin "${plugin.name}" requires plugin "${absent}", which is not loaded. Add it to \`plugins\`.`,
        {
          code: "PLUGIN_INVALID",
        },
      ),
    );
  }
  return ok(Object.freeze([...plugins]));
}

function registerPipelines(
  plugins: readonly Plugin[],
  own: readonly Pipeline[],
): Result<Registry<Pipeline>, SpineError> {
  const registry = createPipelineRegistry();
  const all = [
    ...plugins.flatMap((plugin) =>
      (plugin.contributions["pipelines"] ?? []).map((value) => ({ value, owner: plugin.name })),
    ),
    ...own.map((value) => ({ value, owner: "host" })),
  ];
  for (const { value, owner } of all) {
    const pipeline = value as Pipeline;
    if (
      typeof pipeline !== "object" ||
      pipeline === null ||
      typeof pipeline.key !== "string" ||
      typeof pipeline.run !== "function"
    ) {
      return err(
        new ConfigError(`"${owner}" contributes a pipeline that definePipeline did not make.`, {
          code: "PLUGIN_INVALID",
        }),
      );
    }
    const registered = registry.register(pipeline.key, pipeline, { owner });
    if (registered.isErr()) return err(registered.error);
  }
  return ok(registry);
}

async function startPart(part: HostPart, host: Host): Promise<Result<StartedPart<unknown>, SpineError>> {
  try {
    return await part.start(host);
  } catch (thrown) {
    return err(toSpineError(thrown, "INTERNAL"));
  }
}

/** Closes in reverse; a failure does not keep the others open, the first one is told. */
async function closeAll(closers: Closer[]): Promise<Result<void, SpineError>> {
  let first: SpineError | undefined;
  for (const close of closers.splice(0).toReversed()) {
    try {
      const outcome = await close();
      if (isResult(outcome) && outcome.isErr()) first ??= toSpineError(outcome.error, "INTERNAL");
    } catch (thrown) {
      first ??= toSpineError(thrown, "INTERNAL");
    }
  }
  return first === undefined ? ok(undefined) : err(first);
}
