import {
  encodeJson,
  encodeJsonObject,
  err,
  isJsonObject,
  type Json,
  type JsonObject,
  ok,
  OrchestrationError,
  type Result,
  SpineError,
} from "@spine/core";
import type { z } from "zod";
import type { Step, StepPolicyOptions } from "../workflows/step-kind.ts";
import { defineWorkflow, stepDocument, type Workflow, workflowDocument } from "../workflows/workflow.ts";
import { didYouMeanKey, type DocumentPath, DocumentProblem, problemOf } from "./document-problem.ts";
import { workflowFields, workflowFrame } from "./document-schema.ts";
import { functionReader, inlineFunction, keysOf, type NamedFunctions } from "./functions.ts";
import { type AnyStepKind, builtInKinds } from "./kinds.ts";
import { type DocumentMigration, migrateDocument } from "./migrate.ts";
import { schemaFromDocument, schemaToDocument } from "./params-schema.ts";
import { policyFields, stepSchema, unknownStep } from "./step-form.ts";
import { unknownStepOf } from "./unknown-step.ts";

export interface WriteOptions {
  /** Functions and schemas by the keys under which the document names them. */
  readonly functions?: NamedFunctions;
}

export interface ReadOptions extends WriteOptions {
  /** Kinds of step besides the built-in ones. Steps of other types are kept as they are. */
  readonly kinds?: readonly AnyStepKind[];
  /** From older versions of the format. */
  readonly migrations?: readonly DocumentMigration[];
}

/**
 * A workflow as its document: JSON from which {@link workflowFromJson} makes the same workflow. Functions appear by key; fails with
 * `WORKFLOW_NOT_DATA`, naming every step and field that holds a function or schema of no key.
 */
export function workflowToJson(
  workflow: Workflow,
  { functions = {} }: WriteOptions = {},
): Result<JsonObject, SpineError> {
  const keys = keysOf(functions);
  const inline: string[] = [];
  const steps = workflow.steps.map((step) =>
    stepDocument(step, (value, version, field) => {
      const key = keys.get(value);
      if (key !== undefined) return { function: key, ...(version === "1" ? {} : { version }) };
      inline.push(`${field} of step "${step.name}"`);
      return inlineFunction(value, version, field);
    }),
  );
  const params = workflow.params === undefined ? undefined : schemaToDocument(workflow.params, keys);
  if (workflow.params !== undefined && params === undefined) inline.unshift("params");
  if (inline.length > 0)
    return err(
      new OrchestrationError(
        `Workflow "${workflow.name}" is not all data: ${inline.join(", ")}. Give each a key in \`functions\`, or use a pipeline or an expression.`,
        { code: "WORKFLOW_NOT_DATA", context: { workflow: workflow.name, fields: inline } },
      ),
    );
  const { steps: _, ...heading } = workflowDocument(workflow);
  return encodeJsonObject({
    ...heading,
    description: workflow.description,
    tags: workflow.tags.length === 0 ? undefined : workflow.tags,
    params,
    steps,
  });
}

/**
 * Makes a workflow of its document. Fails with `WORKFLOW_INVALID` (the text has the path and the near key),
 * `FUNCTION_NOT_FOUND`, `DOCUMENT_VERSION_UNKNOWN`.
 */
export function workflowFromJson(document: unknown, options: ReadOptions = {}): Result<Workflow, SpineError> {
  return readDocument(document, options).mapErr((problem) => problem.toError("document"));
}

/** Reads a document; a mistake has the path to its place. */
export function readDocument(document: unknown, options: ReadOptions): Result<Workflow, DocumentProblem> {
  const encoded = encodeJson(document);
  if (encoded.isErr()) return err(new DocumentProblem([], encoded.error));
  if (!isJsonObject(encoded.value)) return err(problemOf([], "a workflow is an object with name and steps"));
  const migrated = migrateDocument(encoded.value, options.migrations);
  if (migrated.isErr()) return err(new DocumentProblem(["apiVersion"], migrated.error));
  const frame = workflowFrame.safeParse(migrated.value);
  if (!frame.success) return err(issueProblem(frame.error.issues, [], [...Object.keys(workflowFields), "steps"]));
  // The schemas only look; what they give back would have lost members named __proto__.
  const whole = migrated.value as z.output<typeof workflowFrame>;
  const { apiVersion: _, kind: __, steps: given, params, ...settings } = whole;
  const { functions = {}, kinds = [] } = options;
  const known = new Map([...builtInKinds, ...kinds].map((kind) => [kind.kind, kind]));
  const steps: Step[] = [];
  for (const [index, step] of given.entries()) {
    const read = readStep(step as Json, ["steps", index], known, functions);
    if (read.isErr()) return err(read.error);
    steps.push(read.value);
  }
  const schema = params === undefined ? undefined : schemaFromDocument(params, functions);
  if (schema?.isErr() === true) return err(new DocumentProblem(["params"], schema.error));
  const checked = schema?.unwrapOr(undefined);
  return caught(["steps"], () =>
    defineWorkflow({ ...settings, ...(checked === undefined ? {} : { params: checked }), steps }),
  ).mapErr((problem) => atStep(problem, steps));
}

function readStep(
  given: Json,
  path: DocumentPath,
  kinds: ReadonlyMap<string, AnyStepKind>,
  functions: NamedFunctions,
): Result<Step, DocumentProblem> {
  if (!isJsonObject(given)) return err(problemOf(path, "a step is an object with name and type"));
  const { type } = given;
  if (typeof type !== "string") return err(problemOf([...path, "type"], "a step needs a type"));
  const form = kinds.get(type)?.form;
  if (form === undefined) {
    const parsed = unknownStep.safeParse(given);
    if (!parsed.success) return err(issueProblem(parsed.error.issues, path, []));
    const { name } = parsed.data;
    const { policy, rest } = parted(given);
    return caught(path, () => unknownStepOf(name, type, rest, policy));
  }
  const schema = stepSchema(type, form);
  const parsed = schema.safeParse(given);
  if (!parsed.success) return err(issueProblem(parsed.error.issues, path, Object.keys(schema.shape)));
  const { policy, rest } = parted(given);
  const name = textOf(given["name"]);
  return caught(path, () => form.read(name, rest, policy, functionReader(name, functions)));
}

/** A step's own fields apart from the policies all kinds share. */
function parted(step: JsonObject): { readonly policy: StepPolicyOptions; readonly rest: JsonObject } {
  const policy: Record<string, Json> = {};
  const rest: Record<string, Json> = {};
  for (const [field, value] of Object.entries(step)) {
    if (field === "name" || field === "type") continue;
    const part = Object.hasOwn(policyFields, field) ? policy : rest;
    Object.defineProperty(part, field, { value, enumerable: true });
  }
  // The schema of the policies has been checked before.
  return { policy, rest };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** `define*` throws for a mistake in program text; in a document it is input. */
function caught<T>(path: DocumentPath, make: () => T): Result<T, DocumentProblem> {
  try {
    return ok(make());
  } catch (thrown) {
    if (!(thrown instanceof SpineError)) throw thrown;
    return err(new DocumentProblem(path, thrown));
  }
}

function atStep(problem: DocumentProblem, steps: readonly Step[]): DocumentProblem {
  const { step } = problem.error.context;
  const index = steps.findIndex(({ name }) => name === step);
  return index < 0 ? problem : new DocumentProblem(["steps", index], problem.error);
}

/** A misspelt key makes two issues, "unknown" and "missing"; the first one tells more. */
function issueProblem(
  issues: readonly z.core.$ZodIssue[],
  path: DocumentPath,
  keys: readonly string[],
): DocumentProblem {
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  const inner = (issue?.path ?? []).map((part) => (typeof part === "number" ? part : String(part)));
  const full = [...path, ...inner];
  if (issue?.code !== "unrecognized_keys") return problemOf(full, issue?.message ?? "it is not a workflow");
  const [key = ""] = issue.keys;
  return problemOf([...full, key], `"${key}" is no key here.${didYouMeanKey(key, inner.length === 0 ? keys : [])}`);
}
