import type { SpineError } from "../errors/spine-error.ts";
import type { Logger } from "../logger.ts";
import type { ResultAsync } from "../result.ts";
import type { Clock } from "../time.ts";
import type { AnomalyStore } from "./anomalies.ts";
import type { BackfillStore } from "./backfills.ts";
import type { CaptureStore } from "./captures.ts";
import type { ItemStore } from "./items.ts";
import type { OwnerStore } from "./owners.ts";
import type { PayloadStore } from "./payloads.ts";
import type { QualityStore } from "./quality.ts";
import type { ReadinessStore } from "./readiness.ts";
import type { ReferenceStore } from "./references.ts";
import type { RunHistory, RunStore } from "./runs.ts";
import type { SignalStore } from "./signals.ts";
import type { SlotStore } from "./slots.ts";
import type { SqlExecutor } from "./sql.ts";
import type { StoreTransaction } from "./transaction.ts";

/** Everything durable, behind ports. Two implementations at least for each: memory here, SQL in `@spine/sql`. */
export interface Store {
  /** `memory`, `sqlite`, `postgres`. */
  readonly kind: string;
  /** Where the data lies, for people: a path, a masked address. */
  readonly location: string;
  /** What pipelines may need of it: `sql`. */
  readonly capabilities: ReadonlySet<string>;
  readonly runs: RunStore;
  readonly history: RunHistory;
  readonly signals: SignalStore;
  readonly items: ItemStore;
  readonly slots: SlotStore;
  readonly owners: OwnerStore;
  readonly captures: CaptureStore;
  readonly payloads: PayloadStore;
  readonly anomalies: AnomalyStore;
  readonly quality: QualityStore;
  readonly readiness: ReadinessStore;
  readonly backfills: BackfillStore;
  readonly references: ReferenceStore;
  /** Statements outside any transaction; fails with `SQL_UNAVAILABLE` without SQL. */
  readonly sql: SqlExecutor;
  /**
   * Runs `work` in one transaction and commits when it resolves. Fails with what `work` threw, or `TX_DOOMED`, `TX_TOO_LONG`.
   * @param options.deadlineMs default 30,000
   */
  transaction<T>(
    work: (tx: StoreTransaction) => PromiseLike<T> | T,
    options?: { readonly deadlineMs?: number },
  ): ResultAsync<T, SpineError>;
  close(): ResultAsync<void, SpineError>;
}

/** What a host gives to the store it opens. */
export interface StoreEnvironment {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What plugins contribute to a store, by kind (`migrations`), with the plugin's name. */
  readonly contributions: (kind: string) => readonly { readonly owner: string; readonly value: unknown }[];
}

/** A store to be opened: what `memory()`, `sqlite(path)` and `postgres(url)` return. */
export interface StoreProvider {
  readonly kind: string;
  open(environment: StoreEnvironment): ResultAsync<Store, SpineError>;
}
