import {
  ConfigError,
  err,
  errAsync,
  nearestName,
  ResultAsync,
  type SpineError,
  type SqlExecutor,
  type SqlRow,
  type SqlValue,
  type StoreProvider,
  systemClock,
} from "@spine/core";
import type { SqlEngine } from "./engine.ts";
import { withTraits } from "./kysely-of.ts";
import { maskUrl } from "./mask-url.ts";
import { openSqlStore, type SqlStoreOptions } from "./open-store.ts";
import { createStoreAccess } from "./store-access.ts";
import { runSavepoint, runTransaction } from "./transaction/run-transaction.ts";
import type { Scope } from "./transaction/scope.ts";

/** What an adapter package gives to {@link getAdapter}: `sqliteAdapter`, `postgresAdapter`. */
export interface AdapterProvider {
  readonly kind: string;
  /** Other names it goes by, as kind or as the scheme of a URL. */
  readonly aliases: readonly string[];
  /** Options are the package's own; a URL comes as `url`. Fails with `CONFIG_INVALID` for those it cannot use. */
  readonly open: (options: AdapterOptions) => ResultAsync<SqlEngine, SpineError>;
}

export type AdapterOptions = Readonly<Record<string, unknown>>;
