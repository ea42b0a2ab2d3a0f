import type { SpineError } from "../errors/spine-error.ts";
import type { Json } from "../json.ts";
import type { ResultAsync } from "../result.ts";

/** A value too large for contexts, history and events, kept in the reference store (design 4.11). */
export interface Reference {
  readonly $ref: string;
  /** Length of the value's JSON text in UTF-8 bytes. */
  readonly sizeBytes: number;
  /** sha256 of that text. */
  readonly contentHash: string;
}

export interface ReferenceStore {
  put(value: {
    readonly id: string;
    readonly value: Json;
    readonly runId?: string | undefined;
  }): ResultAsync<Reference, SpineError>;
  /** Fails with `REFERENCE_NOT_FOUND`, or `STORAGE_ERROR` when the stored text is not the one that was put. */
  get(reference: Reference): ResultAsync<Json, SpineError>;
}

export function isReference(value: unknown): value is Reference {
  if (typeof value !== "object" || value === null) return false;
  const { $ref, sizeBytes, contentHash } = value as Partial<Record<keyof Reference, unknown>>;
  return typeof $ref === "string" && typeof sizeBytes === "number" && typeof contentHash === "string";
}
