import type { SerializedError } from "../errors/serialize.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { Json } from "../json.ts";
import type { ResultAsync } from "../result.ts";

export type ItemStatus = "PENDING" | "COMPLETED" | "FAILED";

/** One item of a map step (`core_map_items`). */
export interface ItemRecord {
  readonly index: number;
  readonly status: ItemStatus;
  readonly item: Json;
  readonly output: Json | undefined;
  readonly error: SerializedError | undefined;
  readonly attempt: number;
}

export interface ItemSettlement {
  readonly index: number;
  readonly status: Exclude<ItemStatus, "PENDING">;
  readonly attempt: number;
  readonly output?: Json | undefined;
  readonly error?: SerializedError | undefined;
}

export interface ItemTally {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
}

interface StepOfRun {
  readonly runId: string;
  readonly step: string;
}

/** The items of map steps: rows, so that a map of any size needs no memory and each item is done once (design 4.12). */
export interface ItemStore {
  /** Adds items that follow `from`; those that are there already stay as they are. */
  add(chunk: StepOfRun & { readonly from: number; readonly items: readonly Json[] }): ResultAsync<void, SpineError>;
  /** Settles items while the run is the owner's, else nothing. Resolves to whether it was. */
  settle(
    group: StepOfRun & {
      readonly owner: string;
      readonly fence: number;
      readonly settled: readonly ItemSettlement[];
    },
  ): ResultAsync<boolean, SpineError>;
  /** In the order of the items. */
  page(
    filter: StepOfRun & {
      /** Only items behind this index. @defaultValue all */
      readonly after?: number | undefined;
      readonly limit: number;
      readonly statuses?: readonly ItemStatus[] | undefined;
    },
  ): ResultAsync<readonly ItemRecord[], SpineError>;
  tally(step: StepOfRun): ResultAsync<ItemTally, SpineError>;
}
