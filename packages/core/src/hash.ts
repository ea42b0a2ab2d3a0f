import { createHash, type Hash } from "node:crypto";
import { canonicalJson, type Json } from "./json.ts";

/**
 * Content hash of a JSON value: sha256 over its canonical text, 64 hex characters. Equal values have equal hashes whatever the
 * order of their keys.
 */
export function contentHash(value: Json): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** Content hash of raw bytes or text: sha256, 64 hex characters. */
export function bytesHash(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Hash of a record's fields in the given order: sha256 of the texts joined by `|`, the first `length` hex characters. For
 * identity pass the natural key only, for change detection the measures too.
 * @param options.length 1–64, default 32
 */
export function recordHash(
  fields: readonly (string | number | bigint | boolean | null)[],
  options: { readonly length?: number } = {},
): string {
  return createHash("sha256")
    .update(fields.map(String).join("|"))
    .digest("hex")
    .slice(0, options.length ?? 32);
}

/** Hash of a derived stage: rows one after another, in the order of their key, each as canonical JSON on a line of its own. */
export interface RowsHasher {
  add(row: Json): void;
  digest(): string;
}

export function createRowsHasher(): RowsHasher {
  const hash: Hash = createHash("sha256");
  return {
    add: (row) => void hash.update(`${canonicalJson(row)}\n`),
    digest: () => hash.digest("hex"),
  };
}
