import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  ConfigError,
  didYouMean,
  err,
  isPlugin,
  MissingConfigError,
  ok,
  type Result,
  type ResultAsync,
  type SpineError,
  tryAsync,
} from "@spine/core";
import type { SpineConfig } from "./config.ts";
import { importError } from "./import-error.ts";

export interface LoadedConfig {
  readonly config: SpineConfig;
  /** The file it came from; none when a command was given `--store` outside any project. */
  readonly path: string | undefined;
  /** The project's folder, else the current one. */
  readonly directory: string;
}

/** What a configuration file may be called, the first one found counts. */
export const fileNames: readonly string[] = [
  "spine.config.ts",
  "spine.config.mts",
  "spine.config.js",
  "spine.config.mjs",
];

/** The configuration file of a folder or of the nearest folder above it that has one. */
function findConfig(directory: string): string | undefined {
  for (let current = resolve(directory); ; current = dirname(current)) {
    const found = fileNames.map((name) => join(current, name)).find((path) => existsSync(path));
    if (found !== undefined || dirname(current) === current) return found;
  }
}

/**
 * Loads the configuration a command works with: `path` relative to `cwd`, else the nearest one. Without any it is empty when
 * `optional`, else fails with `CONFIG_MISSING`. Fails with `CONFIG_INVALID`, or with what a `define*` in it threw.
 */
export async function loadConfig(options: {
  readonly cwd: string;
  readonly path: string | undefined;
  readonly optional: boolean;
}): Promise<Result<LoadedConfig, SpineError>> {
  const path = options.path === undefined ? findConfig(options.cwd) : resolve(options.cwd, options.path);
  if (path === undefined) {
    return options.optional ? ok({ config: {}, path, directory: options.cwd }) : err(noConfig(options.cwd));
  }
  if (!existsSync(path)) {
    return err(new MissingConfigError(path, { context: { path, remedy: "Check the path given with --config." } }));
  }
  const loaded = await importConfig(path);
  return loaded
    .andThen((module) => parseConfig(module, path))
    .map((config) => ({ config, path, directory: dirname(path) }));
}

/** Checks what a configuration file exports by default. Fails with `CONFIG_INVALID`; the text names the nearest setting. */
function parseConfig(module: object, path: string): Result<SpineConfig, SpineError> {
  const exported: unknown = "default" in module ? module.default : undefined;
  const invalid = (why: string): Result<never, SpineError> =>
    err(new ConfigError(`${path} ${why}`, { context: { path } }));
  if (typeof exported !== "object" || exported === null) {
    return invalid("has no default export. Write: export default defineConfig({ … }).");
  }
  for (const [name, value] of Object.entries(exported)) {
    if (!settings.includes(name)) return invalid(`has "${name}", which is not a setting.${didYouMean(name, settings)}`);
    if (lists.includes(name) && value !== undefined && !Array.isArray(value)) {
      return invalid(`has "${name}" that is not a list. Write: ${name}: [ … ].`);
    }
  }
  const config: SpineConfig = exported;
  if (config.store !== undefined && typeof config.store.open !== "function") {
    return invalid('has a "store" that is not a store. Use sqlite(path), postgres(url) or memory().');
  }
  const stranger = config.plugins?.findIndex((plugin) => !isPlugin(plugin)) ?? -1;
  if (stranger !== -1) return invalid(`has a plugin (number ${stranger + 1}) that definePlugin did not make.`);
  return ok(config);
}

const lists: readonly string[] = [
  "plugins",
  "pipelines",
  "workflows",
  "groups",
  "expectations",
  "calendars",
  "retentions",
  "parts",
];
const settings: readonly string[] = ["store", "logger", ...lists];

function importConfig(path: string): ResultAsync<object, SpineError> {
  return tryAsync(
    async (): Promise<object> => import(pathToFileURL(path).href),
    (thrown) => importError(thrown, path),
  );
}

function noConfig(cwd: string): SpineError {
  return new MissingConfigError("spine.config.ts", {
    context: { cwd, remedy: "Make one with: spine init (or name one with --config, or a store with --store)" },
  });
}
