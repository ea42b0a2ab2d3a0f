import {
  type Clock,
  type Logger,
  memory,
  MissingConfigError,
  orThrow,
  silentLogger,
  type Store,
  type StoreProvider,
} from "@spine/core";
import type { Spine } from "@spine/orchestration";
import { type Invocation, textOption } from "./command.ts";
import { type LoadedConfig, loadConfig } from "./config/load-config.ts";
import { storeOfUrl } from "./config/store-url.ts";

/** A project's configuration, and the store a command works with. */
export interface Project extends LoadedConfig {
  readonly store: StoreProvider | undefined;
}

/** A project's configuration with the store a command shall use. Throws what `loadConfig` and `storeOfUrl` fail with. */
export async function openProject(
  invocation: Invocation,
  options: { readonly mustExist?: boolean } = {},
): Promise<Project> {
  const { cwd } = invocation.io;
  const url = textOption(invocation, "store");
  const given =
    url === undefined ? undefined : orThrow(await storeOfUrl(url, { cwd, mustExist: options.mustExist ?? false }));
  const loaded = orThrow(
    await loadConfig({ cwd, path: textOption(invocation, "config"), optional: given !== undefined }),
  );
  return { ...loaded, store: given ?? loaded.config.store };
}

export interface SpineSessionOptions {
  /** Keeps away from the project's store: for commands that only look at definitions. @defaultValue false */
  readonly withoutStore?: boolean;
  /** Refuses a database file that is not there instead of making it. @defaultValue false */
  readonly mustExist?: boolean;
  readonly logger?: Logger;
}

/** Does something with the project's spine, and closes it whatever happens. */
export async function withSpine<T>(
  invocation: Invocation,
  work: (spine: Spine, project: LoadedConfig) => Promise<T>,
  options: SpineSessionOptions = {},
): Promise<T> {
  const project = await openProject(invocation, options);
  const { createSpine } = await import("@spine/orchestration");
  const { clock } = invocation.io;
  const store = options.withoutStore === true ? memory() : requireStore(project);
  const spine: Spine = await orThrow(
    createSpine({ logger: options.logger ?? silentLogger, ...project.config, store, clock }),
  );
  try {
    return await work(spine, project);
  } finally {
    await spine.close();
  }
}

/** Does something with the project's store alone: history can be read when a definition is broken. */
export async function withStore<T>(
  invocation: Invocation,
  work: (store: Store) => Promise<T>,
  options: { readonly logger?: Logger; readonly mustExist?: boolean } = {},
): Promise<T> {
  const project = await openProject(invocation, options);
  const store = await orThrow(openStore(project, { ...options, clock: invocation.io.clock }));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Opens the store of a project by itself. Throws `CONFIG_MISSING` when there is none. */
export function openStore(
  project: Project,
  { clock, logger = project.config.logger ?? silentLogger }: { readonly clock: Clock; readonly logger?: Logger },
): ReturnType<StoreProvider["open"]> {
  return requireStore(project).open({
    clock,
    logger,
    contributions: (kind) =>
      (project.config.plugins ?? []).flatMap(({ name, contributions }) =>
        (contributions[kind] ?? []).map((value) => ({ owner: name, value })),
      ),
  });
}

function requireStore({ store, path }: Project): StoreProvider {
  if (store !== undefined) return store;
  throw new MissingConfigError("store", {
    context: { path, remedy: 'Set it in spine.config.ts, such as store: sqlite("spine.db"), or pass --store.' },
  });
}
