import type { Calendar } from "./dates/calendar.ts";
import { ConfigError } from "./errors/families.ts";
import type { Expectation } from "./expectations/expectation.ts";
import { parseKey } from "./keys.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";

/**
 * What a plugin can contribute, by kind. Open: orchestration adds `workflows` and `groups`, sources `sources`, sql `migrations`,
 * each by `declare module "@spine/core"`.
 */
export interface Contributions {
  readonly pipelines?: readonly Pipeline[];
  readonly expectations?: readonly Expectation[];
  /** Calendars that expectations name. */
  readonly calendars?: readonly Calendar[];
}

export interface PluginDefinition extends Contributions {
  /** The package's short name: `finra-otc`. */
  readonly name: string;
  /** Whose data it is about: `finra.otc`. */
  readonly domain?: string;
  /** @defaultValue "0.0.0" */
  readonly version?: string;
  /** Names of plugins that must be loaded too. */
  readonly requires?: readonly string[];
}

/** A package's contributions, as data. What `definePlugin` returns; recognised across copies of this package. */
export interface Plugin {
  readonly spine: "plugin/1";
  readonly name: string;
  readonly domain: string | undefined;
  readonly version: string;
  readonly requires: readonly string[];
  readonly contributions: Readonly<Record<string, readonly unknown[]>>;
}

const ownFields = new Set(["name", "domain", "version", "requires"]);

/**
 * Declares a plugin: one named bundle of pipelines, workflows, sources, … that a host loads. Nothing is registered by
 * importing it. Throws on a mistake in program text (`KEY_INVALID`, `PLUGIN_INVALID`).
 * @example
 * export const finraOtc = definePlugin({ name: "finra-otc", domain: "finra.otc", pipelines, workflows: [weeklyRefresh] });
 */
export function definePlugin(definition: PluginDefinition): Plugin {
  const name = parseKey("Plugin", definition.name);
  if (name.isErr()) throw name.error;
  const contributions: Record<string, readonly unknown[]> = {};
  for (const [kind, value] of Object.entries(definition)) {
    if (ownFields.has(kind) || value === undefined) continue;
    if (!Array.isArray(value)) {
      throw new ConfigError(`Plugin "${definition.name}" contributes ${kind} that are not a list. Pass an array.`, {
        code: "PLUGIN_INVALID",
      });
    }
    contributions[kind] = Object.freeze([...value]);
  }
  return Object.freeze({
    spine: "plugin/1",
    name: definition.name,
    domain: definition.domain,
    version: definition.version ?? "0.0.0",
    requires: Object.freeze([...(definition.requires ?? [])]),
    contributions: Object.freeze(contributions),
  });
}

export function isPlugin(value: unknown): value is Plugin {
  return typeof value === "object" && value !== null && (value as Partial<Plugin>).spine === "plugin/1";
}
