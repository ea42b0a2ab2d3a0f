import { isJsonObject, type Json, type JsonObject } from "@spine/core";
import type { Executable } from "../engine/executable.ts";

/** How many runs may be under way at once: of all that share a key, workflows and groups alike. A run that waits keeps its place. */
export interface ConcurrencyLimit {
  /** At least 1. */
  readonly limit: number;
  /** Text in which `{{ params.name }}` stands for a parameter. @defaultValue the workflow's or group's name */
  readonly key?: string;
}

/** What is wrong with a limit, as the end of a sentence about its owner. */
export function mistakeInConcurrency({ limit }: ConcurrencyLimit): string | undefined {
  return Number.isInteger(limit) && limit >= 1
    ? undefined
    : `concurrency.limit is ${limit}; it must be a whole number of at least 1`;
}

export function concurrencyOf(
  name: string,
  { limit, key = name }: ConcurrencyLimit,
): NonNullable<Executable["concurrency"]> {
  return { limit, keyOf: (params) => key.replaceAll(place, (_, path: string) => textAt(params, path)) };
}

const place = /\{\{\s*params\.([\w.]+)\s*\}\}/g;

function textAt(params: JsonObject, path: string): string {
  const value = path
    .split(".")
    .reduce<Json | undefined>((at, key) => (isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), params);
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
