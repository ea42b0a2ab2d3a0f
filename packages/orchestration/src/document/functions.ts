import { didYouMean, type JsonObject, OrchestrationError } from "@spine/core";
import type { FunctionRef } from "./step-form.ts";

/** Functions and schemas a document may name, by key. In a document they stand as `{ function: key }` and `{ schema: key }`. */
export type NamedFunctions = Readonly<Record<string, unknown>>;

/**
 * Writes what is no data: a function, or a configuration that is not JSON.
 * @param field where it stands in its step
 */
export type FunctionWriter = (value: unknown, version: string, field: string) => JsonObject;

/** What a run stores of a function: its declared version. */
export const inlineFunction: FunctionWriter = (_, version) => ({ inline: version });

/** A function of a document, found by its key. */
export interface ReadFunction<F> {
  readonly value: F;
  readonly version: string;
  /** The options in which a step takes it. */
  as<Field extends string>(field: Field): { readonly [K in Field]: F } & { readonly version: string };
}

/** Finds functions by key. Throws `FUNCTION_NOT_FOUND`, naming the near key. */
export interface FunctionReader {
  read<F>(ref: FunctionRef, field: string): ReadFunction<F>;
}

export function functionReader(step: string, functions: NamedFunctions): FunctionReader {
  return {
    read<F>({ function: key, version = "1" }: FunctionRef, field: string) {
      const value: unknown = Object.hasOwn(functions, key) ? functions[key] : undefined;
      if (typeof value !== "function")
        throw new OrchestrationError(
          `Step "${step}", ${field}: no function is registered as "${key}".${didYouMean(key, Object.keys(functions))}`,
          { code: "FUNCTION_NOT_FOUND", context: { step, field, function: key } },
        );
      // What is registered under a key is what the step's author wrote it for; its arguments cannot be seen from here.
      const found = value as F;
      return { value: found, version, as: (name) => ({ [name]: found, version }) as never };
    },
  };
}

/** The key of each function and schema, for writing. Of two keys of one value the first counts. */
export function keysOf(functions: NamedFunctions): ReadonlyMap<unknown, string> {
  const keys = new Map<unknown, string>();
  for (const [key, value] of Object.entries(functions)) if (!keys.has(value)) keys.set(value, key);
  return keys;
}
