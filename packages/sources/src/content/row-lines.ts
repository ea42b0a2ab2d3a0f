import { createHash } from "node:crypto";

/**
 * A query has no bytes of its own, so its content is its rows as NDJSON: that is what is hashed and what is archived. Integers beyond a
 * number's reach are text, bytes are hexadecimal.
 */
export class RowLines {
  readonly #hash = createHash("sha256");
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  add(rows: readonly unknown[]): Uint8Array {
    let text = "";
    for (const row of rows) text += `${JSON.stringify(row, encodeField)}\n`;
    const bytes = Buffer.from(text);
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
    return bytes;
  }

  /** sha256 of all lines. Once. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}

function encodeField(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  // A Buffer has become { type, data } before it is asked for here.
  if (isBufferJson(value)) return Buffer.from(value.data).toString("hex");
  return value;
}

function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as { readonly type?: unknown }).type === "Buffer" &&
    Array.isArray((value as { readonly data?: unknown }).data)
  );
}
