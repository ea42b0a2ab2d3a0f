import { ConfigError, createRegistry, type Registry, type Result, type SpineError } from "@spine/core";
import type { ReadOptions, Source } from "./source.ts";

/**
 * The rows of sources known at edit time: name → row. Empty here; a plugin's entry file adds its own:
 * `declare module "@spine/sources" { interface SourceRows { "finra.otc.weekly": WeeklyRow } }`.
 */
export interface SourceRows {}

/** Names of declared sources are suggested; any other name is accepted, its rows `unknown`. */
export type SourceName = keyof SourceRows | (string & {});

export type SourceRow<Name extends SourceName> = Name extends keyof SourceRows ? SourceRows[Name] : unknown;

/** Sources by name. */
export type SourceRegistry = Registry<Source>;

/** What a pipeline is given as `sources`. */
export interface SourceAccess {
  /**
   * The source of that name, bound to the attempt: its readings end when the attempt is cancelled or times out. Fails with
   * `SOURCE_NOT_REGISTERED`, naming the nearest one.
   */
  get<const Name extends SourceName>(name: Name): Result<Source<SourceRow<Name>>, SpineError>;
  /** Sorted. */
  names(): readonly string[];
}

export function createSourceRegistry(): SourceRegistry {
  return createRegistry<Source>("source", {
    notFound: (name, hint) =>
      new ConfigError(`Source "${name}" is not registered.${hint}`, {
        code: "SOURCE_NOT_REGISTERED",
        context: { sourceName: name },
      }),
  });
}

/** A registry as one attempt sees it. */
export function bindSources(
  registry: SourceRegistry,
  attempt: Required<Pick<ReadOptions, "signal" | "clock">>,
): SourceAccess {
  return Object.freeze({
    get: <Name extends SourceName>(name: Name) =>
      registry.get(name).map((source) => bindSource(source as Source<SourceRow<Name>>, attempt)),
    names: () => registry.keys(),
  });
}

function bindSource<Row>(
  source: Source<Row>,
  { signal, clock }: Required<Pick<ReadOptions, "signal" | "clock">>,
): Source<Row> {
  const bound = (options: ReadOptions = {}): ReadOptions => ({
    clock,
    ...options,
    signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
  });
  return Object.freeze({
    name: source.name,
    domain: source.domain,
    type: source.type,
    fetch: (options?: ReadOptions) => source.fetch(bound(options)),
    stream: (options?: ReadOptions) => source.stream(bound(options)),
    describe: () => source.describe(),
    hasChanged: (previous, options) => source.hasChanged(previous, bound(options)),
  } satisfies Source<Row>);
}
