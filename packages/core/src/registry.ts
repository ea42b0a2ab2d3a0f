import { ConfigError, PipelineNotFoundError } from "./errors/families.ts";
import type { SpineError } from "./errors/spine-error.ts";
import { didYouMean, parseKey } from "./keys.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import { err, ok, type Result } from "./result.ts";

export interface RegistryEntry<T> {
  readonly key: string;
  readonly value: T;
  /** The plugin that contributed it, or `host`. */
  readonly owner: string;
}

/** Definitions of one kind by string key. Owned by a host; sealed once the host has started. */
export interface Registry<T> {
  /** What it holds, in the singular and lower case, for texts: `pipeline`. */
  readonly kind: string;
  /** Fails with `KEY_INVALID`, `KEY_DUPLICATE` (naming both owners) or `REGISTRY_SEALED`. */
  register(key: string, value: T, options?: { readonly owner?: string }): Result<void, SpineError>;
  /** Fails with the registry's not-found error, which names the nearest key. */
  get(key: string): Result<T, SpineError>;
  find(key: string): T | undefined;
  has(key: string): boolean;
  /** Sorted by key. */
  list(): readonly RegistryEntry<T>[];
  keys(): readonly string[];
  seal(): void;
}

export interface RegistryOptions {
  /** Makes the error for an unknown key; `hint` is ` Did you mean …?` or empty. */
  readonly notFound: (key: string, hint: string) => SpineError;
}

export function createRegistry<T>(kind: string, options: RegistryOptions): Registry<T> {
  const entries = new Map<string, RegistryEntry<T>>();
  let sealed = false;
  const label = kind.charAt(0).toUpperCase() + kind.slice(1);

  function register(
    key: string,
    value: T,
    { owner = "host" }: { readonly owner?: string } = {},
  ): Result<void, SpineError> {
    if (sealed) {
      return err(
        new ConfigError(
          `${label} "${key}" came too late: the host has started. Register it before, in a plugin or in \`createSpine\`.`,
          {
            code: "REGISTRY_SEALED",
            context: { kind, key, owner },
          },
        ),
      );
    }
    const valid = parseKey(label, key);
    if (valid.isErr()) return err(valid.error);
    const present = entries.get(key);
    if (present !== undefined) return err(duplicate(label, key, present.owner, owner));
    entries.set(key, Object.freeze({ key, value, owner }));
    return ok(undefined);
  }

  return Object.freeze({
    kind,
    register,
    get(key: string): Result<T, SpineError> {
      const entry = entries.get(key);
      return entry === undefined ? err(options.notFound(key, didYouMean(key, entries.keys()))) : ok(entry.value);
    },
    find: (key: string) => entries.get(key)?.value,
    has: (key: string) => entries.has(key),
    list: () => [...entries.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    keys: () => [...entries.keys()].toSorted(),
    seal() {
      sealed = true;
    },
  });
}

/** Pipelines by key; an unknown one fails with `PIPELINE_NOT_FOUND`. */
export function createPipelineRegistry(): Registry<Pipeline> {
  return createRegistry<Pipeline>("pipeline", {
    notFound: (key, hint) =>
      new PipelineNotFoundError(key, `Pipeline "${key}" is not registered.${hint}`, { context: { pipeline: key } }),
  });
}

function duplicate(label: string, key: string, first: string, second: string): ConfigError {
  const who = first === second ? `"${first}" registers it twice` : `both "${first}" and "${second}" register it`;
  return new ConfigError(`${label} "${key}" is already registered: ${who}. Rename one of them.`, {
    code: "KEY_DUPLICATE",
    context: { key, owners: [first, second] },
  });
}
