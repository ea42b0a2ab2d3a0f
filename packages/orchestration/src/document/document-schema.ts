import { z } from "zod";
import { type AnyStepKind, builtInKinds } from "./kinds.ts";
import { paramsField } from "./params-schema.ts";
import { jsonFields, stepSchema, unknownStep } from "./step-form.ts";

/** The version of the format that is written. */
export const documentVersion = "spine.io/v1";

/** A workflow's own fields, without its steps. */
export const workflowFields = {
  apiVersion: z.literal(documentVersion).exactOptional(),
  kind: z.literal("Workflow").exactOptional(),
  name: z.string().min(1),
  version: z.string().exactOptional(),
  domain: z.string().exactOptional(),
  description: z.string().exactOptional(),
  tags: z.array(z.string()).exactOptional(),
  params: paramsField.exactOptional(),
  defaults: jsonFields.exactOptional(),
  timeoutMs: z.number().positive().exactOptional(),
  maxConcurrency: z.int().min(1).exactOptional(),
  concurrency: z.strictObject({ limit: z.int().min(1), key: z.string().exactOptional() }).exactOptional(),
};

/** The frame of a document; its steps are read by their kinds. */
export const workflowFrame = z.strictObject({ ...workflowFields, steps: z.array(z.unknown()) });

/**
 * The JSON Schema (2020-12) of a workflow's document, made of the schemas that read it. Steps of other types than those of
 * `kinds` are allowed, as they are kept.
 * @param kinds further kinds of step, over the built-in ones
 */
export function workflowJsonSchema(kinds: readonly AnyStepKind[] = []): Readonly<Record<string, unknown>> {
  const known = [...builtInKinds, ...kinds].flatMap(({ kind, form }) =>
    form === undefined ? [] : [{ kind, schema: stepSchema(kind, form).meta({ title: `${kind} step` }) }],
  );
  const others = `^(?!(?:${known.map(({ kind }) => kind.replaceAll(/[^\w-]/g, String.raw`\$&`)).join("|")})$)`;
  const other = unknownStep.extend({ type: z.string().min(1).regex(new RegExp(others)) }).meta({ title: "other step" });
  const step = z.union([...known.map(({ schema }) => schema), other]);
  const document = z.strictObject({ ...workflowFields, steps: z.array(step) });
  return {
    $id: "https://spine.io/schemas/workflow-v1.schema.json",
    title: "spine workflow",
    ...z.toJSONSchema(document, { target: "draft-2020-12", io: "input", reused: "ref" }),
  };
}
