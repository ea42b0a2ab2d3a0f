import type { SpineError } from "../errors/spine-error.ts";
import type { ResultAsync } from "../result.ts";
import type { AnomalyStore } from "./anomalies.ts";
import type { CaptureStore } from "./captures.ts";
import type { ItemStore } from "./items.ts";
import type { PayloadStore } from "./payloads.ts";
import type { QualityStore } from "./quality.ts";
import type { ReferenceStore } from "./references.ts";
import type { RunStore } from "./runs.ts";
import type { SqlExecutor } from "./sql.ts";

/**
 * A short transaction. An error of any statement dooms it on every engine: later statements and the end fail with `TX_DOOMED`
 * and nothing is kept; {@link Transaction.savepoint} is the way to try something. Awaiting anything but the handle inside
 * keeps a lock and is cut off after the deadline (`TX_TOO_LONG`).
 */
export interface Transaction extends SqlExecutor {
  readonly captures: CaptureStore;
  readonly payloads: Pick<PayloadStore, "write">;
  readonly anomalies: AnomalyStore;
  readonly quality: QualityStore;
  /** Runs `work` so that its failure undoes its own writes only and comes back as an Err. */
  savepoint<T>(work: (tx: Transaction) => PromiseLike<T> | T): ResultAsync<T, SpineError>;
}

/** What the engine sees of a transaction: the run's own checkpoint, with outputs too large for it, can join. */
export interface StoreTransaction extends Transaction {
  readonly references: ReferenceStore;
  readonly runs: Pick<RunStore, "checkpoint">;
  readonly items: Pick<ItemStore, "settle">;
}
