import type { ErrorCategory, Json } from "@spine/core";
import { z } from "zod";
import type { Step, StepPolicyOptions } from "../workflows/step-kind.ts";
import type { FunctionReader } from "./functions.ts";

/** JSON members by name, such as parameters. */
export const jsonFields = z.record(z.string(), z.json());

/** A function by the key it is registered under. */
export const functionRef = z.strictObject({ function: z.string().min(1), version: z.string().exactOptional() });

export type FunctionRef = z.output<typeof functionRef>;

const categories = [
  "NETWORK",
  "DATABASE",
  "STORAGE",
  "SOURCE",
  "PARSE",
  "VALIDATION",
  "CONFIG",
  "AUTH",
  "PIPELINE",
  "ORCHESTRATION",
  "INTERNAL",
  "UNKNOWN",
] as const satisfies readonly ErrorCategory[];

export const retryPolicy = z.strictObject({
  maxAttempts: z.int().min(1).exactOptional(),
  delayMs: z.number().min(0).exactOptional(),
  backoff: z.enum(["exponential", "linear", "constant"]).exactOptional(),
  factor: z.number().positive().exactOptional(),
  maxDelayMs: z.number().min(0).exactOptional(),
  jitter: z.number().min(0).max(1).exactOptional(),
  categories: z.array(z.enum(categories)).exactOptional(),
});

/** What steps of every kind may say besides their own fields. */
export const policyFields = {
  dependsOn: z.array(z.string()).exactOptional(),
  compensate: z.strictObject({ pipeline: z.string().min(1), params: jsonFields.exactOptional() }).exactOptional(),
  onError: z.enum(["stop", "continue", "retry"]).exactOptional(),
  retry: retryPolicy.exactOptional(),
  timeoutMs: z.number().positive().exactOptional(),
  totalTimeoutMs: z.number().positive().exactOptional(),
};

export type PolicyField = keyof typeof policyFields;

/** How a kind of step is written in a document. */
export interface StepForm {
  /** Its own fields; from these comes the published JSON Schema too. */
  readonly fields: Readonly<Record<string, z.ZodType>>;
  /** The policies it takes. @defaultValue all */
  readonly policies: readonly PolicyField[];
  /** Fields that name steps. */
  readonly steps: readonly string[];
  /** Fields that may hold an expression; `until.path` is a field inside another. */
  readonly expressions: readonly string[];
  /** Makes the step of what fits {@link fields}. Throws a `SpineError` on a mistake that the schema does not see. */
  read(
    name: string,
    fields: Readonly<Record<string, Json>>,
    policy: StepPolicyOptions,
    functions: FunctionReader,
  ): Step;
}

export interface StepFormDefinition<Fields extends Readonly<Record<string, z.ZodType>>> {
  readonly fields: Fields;
  readonly policies?: readonly PolicyField[];
  readonly steps?: readonly string[];
  readonly expressions?: readonly string[];
  read(
    name: string,
    fields: z.output<z.ZodObject<Fields>>,
    policy: StepPolicyOptions,
    functions: FunctionReader,
  ): object;
}

/** Declares how a kind of step is written in a document. */
export function stepForm<const Fields extends Readonly<Record<string, z.ZodType>>>(
  definition: StepFormDefinition<Fields>,
): StepForm {
  const { fields, policies = Object.keys(policyFields) as PolicyField[], steps = [], expressions = [] } = definition;
  // What `read` is given has been parsed by `fields`, so its type is the schema's output.
  return Object.freeze({ fields, policies, steps, expressions, read: definition.read as unknown as StepForm["read"] });
}

const schemas = new WeakMap<StepForm, z.ZodObject>();

/** The whole step as a schema: its name and type, its own fields, its policies. Made once, as zod compiles each. */
export function stepSchema(type: string, form: StepForm): z.ZodObject {
  const known = schemas.get(form);
  if (known !== undefined) return known;
  const schema = schemaOf(type, form);
  schemas.set(form, schema);
  return schema;
}

function schemaOf(type: string, { fields, policies }: StepForm): z.ZodObject {
  const taken = Object.fromEntries(policies.map((policy) => [policy, policyFields[policy]]));
  return z.strictObject({ name: stepName, type: z.literal(type), ...fields, ...taken });
}

export const stepName = z.string().regex(/^[A-Za-z_][\w-]*$/, "a name is a word of letters, digits, _ and -");

/** A step of a type nobody here knows: kept as it is. */
export const unknownStep = z.looseObject({ name: stepName, type: z.string().min(1), ...policyFields });
