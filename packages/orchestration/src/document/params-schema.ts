import {
  didYouMean,
  err,
  type JsonObject,
  ok,
  OrchestrationError,
  type Result,
  type Schema,
  type SpineError,
  tryResult,
} from "@spine/core";
import { z } from "zod";
import type { NamedFunctions } from "./functions.ts";

/** A schema that was read from a JSON Schema and is written as that one again. */
export interface DocumentSchema extends Schema {
  readonly jsonSchema: JsonObject;
}

/** A schema of parameters as it stands in a document: registered under a key, or a JSON Schema. */
export const paramsField = z.union([z.strictObject({ schema: z.string().min(1) }), z.record(z.string(), z.json())]);

/** Reads the `params` of a document. Fails with `FUNCTION_NOT_FOUND`, or `WORKFLOW_INVALID` for what is no JSON Schema. */
export function schemaFromDocument(params: JsonObject, functions: NamedFunctions): Result<Schema, SpineError> {
  const { schema: key } = params;
  if (typeof key === "string" && Object.keys(params).length === 1) {
    const found: unknown = Object.hasOwn(functions, key) ? functions[key] : undefined;
    if (isSchema(found)) return ok(found);
    return err(
      new OrchestrationError(`No schema is registered as "${key}".${didYouMean(key, Object.keys(functions))}`, {
        code: "FUNCTION_NOT_FOUND",
        context: { function: key },
      }),
    );
  }
  return tryResult(
    () => documentSchema(params),
    (thrown) =>
      new OrchestrationError(
        `params is not a JSON Schema that can be checked: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
        { cause: thrown },
      ),
  );
}

/** The `params` of a document; undefined when the schema has no key and did not come from a document. */
export function schemaToDocument(schema: Schema, keys: ReadonlyMap<unknown, string>): JsonObject | undefined {
  const key = keys.get(schema);
  if (key !== undefined) return { schema: key };
  return "jsonSchema" in schema ? (schema as DocumentSchema).jsonSchema : undefined;
}

function documentSchema(jsonSchema: JsonObject): DocumentSchema {
  const checker = z.fromJSONSchema(jsonSchema);
  return Object.freeze({ "~standard": checker["~standard"], jsonSchema });
}

function isSchema(value: unknown): value is Schema {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && "~standard" in value;
}
