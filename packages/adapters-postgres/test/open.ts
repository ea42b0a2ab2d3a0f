import {
  type Clock,
  silentLogger,
  type Store,
  type StoreEnvironment,
  type StoreProvider,
  systemClock,
} from "@spine/core";
import type { Migration } from "@spine/sql";
import { expectOk } from "@spine/testkit";
import { onTestFinished } from "vitest";

export interface Environment {
  readonly clock?: Clock;
  /** Migrations of a plugin named `prices`. */
  readonly migrations?: readonly Migration[];
}

export function environmentOf({ clock = systemClock, migrations = [] }: Environment = {}): StoreEnvironment {
  return {
    clock,
    logger: silentLogger,
    contributions: (kind) => (kind === "migrations" ? migrations.map((value) => ({ owner: "prices", value })) : []),
  };
}

/** Opens a store that is closed when the test is over. */
export async function openStore(provider: StoreProvider, environment: Environment = {}): Promise<Store> {
  const store = await expectOk(provider.open(environmentOf(environment)));
  onTestFinished(async () => void (await store.close()));
  return store;
}
