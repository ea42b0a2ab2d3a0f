import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { pathText } from "../json.ts";

/** Any library's schema (standardschema.dev): zod, valibot, arktype, … `Input` is what a caller gives, `Output` what comes out. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;
export type SchemaInput<S> = S extends StandardSchemaV1<infer Input, unknown> ? Input : unknown;
export type SchemaOutput<S> = S extends StandardSchemaV1<unknown, infer Output> ? Output : unknown;

export interface SchemaIssue {
  /** `params.week`, `rows[3].shares`; empty for the value as a whole. */
  readonly path: string;
  readonly message: string;
  /** Whether the value at the path is absent. */
  readonly missing: boolean;
}

export type SchemaVerdict<T> =
  | { readonly valid: true; readonly value: T }
  | { readonly valid: false; readonly issues: readonly SchemaIssue[] };

/** Runs a schema over a value. A schema that throws is a bug of the schema and stays a throw. */
export function checkSchema<T>(
  schema: Schema<unknown, T>,
  value: unknown,
): SchemaVerdict<T> | Promise<SchemaVerdict<T>> {
  const outcome = schema["~standard"].validate(value);
  return outcome instanceof Promise ? outcome.then((settled) => verdictOf(settled, value)) : verdictOf(outcome, value);
}

/** Names of the members an object schema takes, or undefined when the schema cannot tell or takes any name. */
export function memberNames(schema: Schema): readonly string[] | undefined {
  const standard = schema["~standard"] as StandardSchemaV1.Props & Partial<StandardJSONSchemaV1.Props>;
  if (standard.jsonSchema === undefined) return undefined;
  const described = describeSchema(standard.jsonSchema);
  if (described === undefined || typeof described["properties"] !== "object" || described["properties"] === null)
    return undefined;
  const open = described["additionalProperties"];
  return open === undefined || open === false ? Object.keys(described["properties"]) : undefined;
}

function describeSchema(converter: StandardJSONSchemaV1.Converter): Record<string, unknown> | undefined {
  try {
    return converter.input({ target: "draft-2020-12" });
  } catch {
    // The specification lets a converter throw for what JSON Schema cannot say; then nothing is known of the names.
    return undefined;
  }
}

function verdictOf<T>(outcome: StandardSchemaV1.Result<T>, value: unknown): SchemaVerdict<T> {
  if (outcome.issues === undefined) return { valid: true, value: outcome.value };
  return {
    valid: false,
    issues: outcome.issues.map((issue) => {
      const path = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
      return {
        path: pathText(path),
        message: issue.message,
        missing: path.length > 0 && valueAt(value, path) === undefined,
      };
    }),
  };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (current, part) =>
      typeof current === "object" && current !== null ? (current as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}
