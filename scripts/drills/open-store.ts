import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, type Plugin, silentLogger, type Store, systemClock } from "@spine/core";

/** Opens an SQLite file with a plugin's tables, for looking at what a killed process left. */
export async function withStore<T>(file: string, plugin: Plugin, work: (store: Store) => Promise<T>): Promise<T> {
  const contributions = (kind: string): { owner: string; value: unknown }[] =>
    (plugin.contributions[kind] ?? []).map((value) => ({ owner: plugin.name, value }));
  const store = await orThrow(sqlite(file).open({ clock: systemClock, logger: silentLogger, contributions }));
  try {
    return await work(store);
  } finally {
    await orThrow(store.close());
  }
}
