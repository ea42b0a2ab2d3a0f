import { type Instant, type Json, type JsonObject, encodeJson, type Result, type SpineError } from "@spine/core";

/** What a column of {@link SqlTypes.boolean} holds, by engine. */
export type SqlBoolean = boolean | number;

/** A value that is known to be JSON, as the text that is stored. */
export function jsonText(value: Json | object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** A value that a caller made, as the text that is stored; fails with `NOT_JSON`. */
export function encodeJsonText(value: unknown): Result<string, SpineError> {
  return encodeJson(value).map((json) => JSON.stringify(json));
}

export function decodeJson<T = Json>(text: string): T {
  return JSON.parse(text) as T;
}

export function decodeOptionalJson<T = Json>(text: string | null): T | undefined {
  return text === null ? undefined : (JSON.parse(text) as T);
}

export function decodeJsonObject(text: string | null): JsonObject {
  return text === null ? Object.freeze({}) : (JSON.parse(text) as JsonObject);
}

export function decodeBoolean(value: SqlBoolean): boolean {
  return value === true || value === 1;
}

/** Undefined where the column is null. */
export function optional<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

/** Text that a person wrote, as every engine can store it: PostgreSQL has no NUL, UTF-8 no half of a surrogate pair. */
export function plainText(text: string | undefined): string | null {
  return text === undefined ? null : text.replaceAll("\u0000", "\uFFFD").replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}

const databaseInstant = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(?:\+00(?::?00)?|Z)$/;

/**
 * An instant as a database in UTC prints it (`2025-12-20 00:00:00.5+00`), as spine writes it; what is finer than a millisecond is
 * cut off. Text of another form (`infinity`, years before Christ) is left as it is.
 */
export function canonicalInstant(text: string): Instant {
  const match = databaseInstant.exec(text);
  if (match === null) return text as Instant;
  const [, day, time, fraction = ""] = match;
  return `${day}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z` as Instant;
}
