import { DatabaseError } from "../errors/families.ts";
import { err, ok, type Result } from "../result.ts";

/** Records by key, in the order in which they came. A `Map` is one; so is an {@link Overlay} over another table. */
export interface Table<K, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): unknown;
  values(): Iterable<V>;
}

/** A table whose changes stay its own until they are folded into the table below: what a transaction or savepoint writes to. */
export interface Overlay<K, V> extends Table<K, V> {
  fold(): void;
}

export function createOverlay<K, V extends object>(below: Table<K, V>): Overlay<K, V> {
  const own = new Map<K, V>();
  return {
    get: (key) => own.get(key) ?? below.get(key),
    has: (key) => own.has(key) || below.has(key),
    set: (key, value) => own.set(key, value),
    *values() {
      // Only the overlay knows which of its keys are new, so the ones below are told apart by identity.
      const replaced = new Map<V, V>();
      const added: V[] = [];
      for (const [key, value] of own) {
        const old = below.get(key);
        if (old === undefined) added.push(value);
        else replaced.set(old, value);
      }
      for (const value of below.values()) yield replaced.get(value) ?? value;
      yield* added;
    },
    fold() {
      for (const [key, value] of own) below.set(key, value);
    },
  };
}

/** Puts records under ids of their own: all of them, or none when an id is there already (`INTEGRITY_VIOLATED`). */
export function appendAll<T extends object>(
  table: Pick<Table<string, T>, "has" | "set">,
  records: readonly T[],
  idOf: (record: T) => string,
): Result<void, DatabaseError> {
  const ids = new Set<string>();
  for (const id of records.map(idOf)) {
    if (table.has(id) || ids.has(id)) {
      return err(
        new DatabaseError(`A record with the id "${id}" is there already. Give each one an id of its own.`, {
          code: "INTEGRITY_VIOLATED",
        }),
      );
    }
    ids.add(id);
  }
  for (const record of records) table.set(idOf(record), record);
  return ok(undefined);
}
