import {
  type Clock,
  type Logger,
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
  readonly logger?: Logger;
  /** Migrations by the plugin that contributes them. */
  readonly migrations?: Readonly<Record<string, readonly Migration[]>>;
}

export function environmentOf({
  clock = systemClock,
  logger = silentLogger,
  migrations = {},
}: Environment = {}): StoreEnvironment {
  return {
    clock,
    logger,
    contributions: (kind) =>
      kind === "migrations"
        ? Object.entries(migrations).flatMap(([owner, values]) => values.map((value) => ({ owner, value })))
        : [],
  };
}

/** Opens a store that is closed when the test is over. */
export async function openStore(provider: StoreProvider, environment: Environment = {}): Promise<Store> {
  const store = await expectOk(provider.open(environmentOf(environment)));
  onTestFinished(async () => void (await store.close()));
  return store;
}
