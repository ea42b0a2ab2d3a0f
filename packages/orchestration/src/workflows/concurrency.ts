import { isJsonObject, type Json, type JsonObject, OrchestrationError } from "@spine/core";
import type { Executable } from "../engine/executable.ts";

/** How many runs may be under way at once: of all that share a key. A run that waits keeps its place. */
export interface ConcurrencyLimit {
  /** At least 1. */
  readonly limit: number;
  /** Text in which `{{ params.name }}` stands for a parameter. @defaultValue the workflow's or group's name */
  readonly key?: string;
}

export function checkConcurrency(subject: string, { limit }: ConcurrencyLimit): OrchestrationError | undefined {
  return Number.isInteger(limit) && limit >= 1
    ? undefined
    : new OrchestrationError(`${subject}: concurrency.limit is ${limit}; it must be a whole number of at least 1.`, {
        code: "WORKFLOW_INVALID",
      });
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
