import { SpineError } from "./errors/spine-error.ts";
import { err, ok, type Result } from "./result.ts";

export type Json = string | number | boolean | null | JsonArray | JsonObject;
export type JsonArray = readonly Json[];
export interface JsonObject {
  readonly [key: string]: Json;
}

const maxDepth = 200;

/**
 * A frozen deep copy of a value as JSON would keep it; the value itself is never frozen. Object keys set to `undefined`
 * are dropped, as in JSON text. Everything else that JSON loses is an error that has the path (`NOT_JSON`): NaN and infinities,
 * bigint, functions, symbols, `undefined` in arrays, Date, Map, Set and other class instances, cycles, more than 200 levels.
 */
export function encodeJson(value: unknown): Result<Json, SpineError> {
  const path: (string | number)[] = [];
  try {
    return ok(copy(value, path, 0));
  } catch (thrown) {
    if (thrown instanceof NotJson) return err(notJson(thrown.reason, path));
    throw thrown;
  }
}

/** {@link encodeJson} for what must be an object, such as parameters and outputs. */
export function encodeJsonObject(value: unknown): Result<JsonObject, SpineError> {
  return encodeJson(value).andThen((json) =>
    isJsonObject(json) ? ok(json) : err(notJson(`is ${describe(json)}, an object is expected`, [])),
  );
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * JSON text in which equal values have equal text: object keys sorted by UTF-16 code units, no white space, numbers as
 * ECMAScript prints them (RFC 8785). Array order counts.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(",")}}`;
}

/** Length of a value's JSON text in UTF-8 bytes. */
export function jsonSizeBytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Thrown only inside this file, to leave the recursion; the path is kept by the caller. */
class NotJson {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

function copy(value: unknown, path: (string | number)[], depth: number): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new NotJson(`is ${value}`);
      return value;
    case "object":
      if (value === null) return null;
      if (depth >= maxDepth) throw new NotJson(`is nested more than ${maxDepth} levels deep, or contains itself`);
      return Array.isArray(value) ? copyArray(value, path, depth) : copyObject(value, path, depth);
    default:
      throw new NotJson(`is ${describe(value)}`);
  }
}

function copyArray(value: readonly unknown[], path: (string | number)[], depth: number): JsonArray {
  const result: Json[] = [];
  for (let index = 0; index < value.length; index += 1) {
    path.push(index);
    result.push(copy(value[index], path, depth + 1));
    path.pop();
  }
  return Object.freeze(result);
}

function copyObject(value: object, path: (string | number)[], depth: number): JsonObject {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm (a worker, a vm) has another Object.prototype, whose own prototype is null too.
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    throw new NotJson(`is ${describe(value)}`);
  }
  const result: Record<string, Json> = {};
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    path.push(key);
    const json = copy(member, path, depth + 1);
    path.pop();
    if (key === "__proto__") Object.defineProperty(result, key, { value: json, enumerable: true });
    else result[key] = json;
  }
  return Object.freeze(result);
}

function notJson(reason: string, path: readonly (string | number)[]): SpineError {
  const where = path.length === 0 ? "The value" : `The value at ${pathText(path)}`;
  return new SpineError("NOT_JSON", `${where} ${reason}, which JSON cannot keep. Convert it first.`, {
    context: { path: [...path] },
  });
}

/** `outputs.rows[3].when`, the way a person writes it. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const name = String(part);
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Date) return "a Date (use toISOString() or a date string)";
  if (typeof value === "bigint") return "a bigint (use Number() or String())";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = (value.constructor as { name?: string } | undefined)?.name;
  return name === undefined || name === "" || name === "Object" ? "an object" : `an instance of ${name}`;
}
