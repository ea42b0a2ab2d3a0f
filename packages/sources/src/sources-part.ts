import {
  ConfigError,
  type ContextService,
  err,
  type Host,
  type HostPart,
  ok,
  type Result,
  type SpineError,
} from "@spine/core";
import type { Source } from "./source.ts";
import { bindSources, createSourceRegistry, type SourceAccess, type SourceRegistry } from "./source-registry.ts";

declare module "@spine/core" {
  interface Contributions {
    readonly sources?: readonly Source[];
  }
  interface PipelineContext<Params = unknown, Output = unknown> {
    /** Sources by name, bound to this attempt. There when the host has the part `sources()`. */
    readonly sources: SourceAccess;
  }
}

export interface SourcesOptions {
  /** Sources registered without a plugin. */
  readonly sources?: readonly Source[];
}

/**
 * The part of a host that reads the plugins' `sources` and gives pipelines `context.sources`. A pipeline that uses them says
 * `needs: ["sources"]`. Starting fails with `KEY_INVALID`, `KEY_DUPLICATE` or `PLUGIN_INVALID`.
 * @example
 * const spine = await createSpine({ store: sqlite("spine.db"), plugins: [finraOtc], parts: [sources()] });
 */
export function sources(options: SourcesOptions = {}): HostPart<"sources", SourceRegistry> {
  return Object.freeze({
    name: "sources" as const,
    reads: Object.freeze(["sources"]),
    start(host: Host) {
      const own = (options.sources ?? []).map((value) => ({ owner: "host", value }));
      const registered = registerSources([...host.contributions("sources"), ...own]);
      return registered.map((registry) => ({ api: registry, services: servicesOf(registry) }));
    },
  });
}

function servicesOf(registry: SourceRegistry): Readonly<Record<string, ContextService>> {
  return { sources: ({ signal, clock }) => bindSources(registry, { signal, clock }) };
}

function registerSources(
  contributed: readonly { readonly owner: string; readonly value: unknown }[],
): Result<SourceRegistry, SpineError> {
  const registry = createSourceRegistry();
  for (const { owner, value } of contributed) {
    if (!isSource(value)) {
      const message = `"${owner}" contributes a source that is none. Make it with fileSource or defineSource.`;
      return err(new ConfigError(message, { code: "PLUGIN_INVALID", context: { owner } }));
    }
    const registered = registry.register(value.name, value, { owner });
    if (registered.isErr()) return err(registered.error);
  }
  registry.seal();
  return ok(registry);
}

function isSource(value: unknown): value is Source {
  if (typeof value !== "object" || value === null) return false;
  const { name, fetch, stream, describe, hasChanged } = value as Partial<Source>;
  return (
    typeof name === "string" && [fetch, stream, describe, hasChanged].every((member) => typeof member === "function")
  );
}
