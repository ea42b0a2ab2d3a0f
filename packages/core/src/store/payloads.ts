import type { SpineError } from "../errors/spine-error.ts";
import type { ResultAsync } from "../result.ts";
import type { SqlValue } from "./sql.ts";

/**
 * The rows of captures in data tables, whose key begins with `capture_id`. Fails with `SQL_UNAVAILABLE` without SQL, except for
 * the reads, which find nothing.
 */
export interface PayloadStore {
  /**
   * Writes rows under a RUNNING capture in one commit, each with its `capture_id`, and remembers the table. Fails with
   * `CAPTURE_NOT_RUNNING` for a capture that has ended, so a process that lost it writes nothing behind a sweep. Resolves to how many.
   */
  write(payload: {
    readonly captureId: string;
    readonly table: string;
    readonly rows: readonly Readonly<Record<string, SqlValue>>[];
  }): ResultAsync<number, SpineError>;
  /** The tables a capture has rows in, by name. */
  tables(capture: { readonly captureId: string }): ResultAsync<readonly string[], SpineError>;
  /** Captures that ended FAILED or UNCHANGED and have rows left, oldest first. */
  leftovers(filter: { readonly limit: number }): ResultAsync<readonly string[], SpineError>;
  /**
   * Removes at most `limit` rows of a capture in one commit; when none are left the capture says so (`payloadRemovedAt`). Fails with
   * `CAPTURE_IN_USE` for a RUNNING capture and for one that readers see now.
   */
  remove(payload: {
    readonly captureId: string;
    readonly limit: number;
  }): ResultAsync<{ readonly removed: number; readonly done: boolean }, SpineError>;
}
