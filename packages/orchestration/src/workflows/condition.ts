import { Environment, type ParseResult } from "@marcbachmann/cel-js";
import { err, ok, OrchestrationError, type Result, SpineError, tryResult } from "@spine/core";
import type { WorkflowContext } from "./context.ts";

/** A condition as data: an expression of CEL (cel.dev) over `params`, `outputs`, `metadata` and `run`. */
export type Expression = string;

/** A condition in program text; light, without I/O. */
export type Predicate<Context = WorkflowContext> = (context: Context) => boolean;

const environment = new Environment({ unlistedVariablesAreDyn: false })
  .registerVariable("params", "map")
  .registerVariable("outputs", "map")
  .registerVariable("metadata", "map")
  .registerVariable("run", "map");

/** Compiles an expression; fails with `WORKFLOW_INVALID`, naming what is wrong and where. */
export function parseExpression(text: Expression): Result<Predicate, SpineError> {
  return compile(text, "bool").map((evaluate) => (context) => {
    const { params, outputs, metadata, run } = context;
    const value: unknown = evaluate({ params, outputs, metadata, run: { ...run } });
    if (typeof value === "boolean") return value;
    throw conditionError(text, `it gives ${describe(value)}, not true or false`);
  });
}

/** Compiles an expression that gives a list; fails with `WORKFLOW_INVALID`, and when it is evaluated to something else, throws. */
export function parseListExpression(
  text: Expression,
): Result<(context: WorkflowContext) => Iterable<unknown>, SpineError> {
  return compile(text, "list").map((evaluate) => (context) => {
    const { params, outputs, metadata, run } = context;
    const value: unknown = evaluate({ params, outputs, metadata, run: { ...run } });
    if (Array.isArray(value)) return value;
    throw conditionError(text, `it gives ${describe(value)}, not a list`);
  });
}

/** Finds what is wrong before any run: a name that is none of the four, or an expression that cannot be true or false. */
function compile(text: Expression, wanted: "bool" | "list"): Result<ParseResult, SpineError> {
  return tryResult(
    () => checked(environment.parse(text), wanted),
    (thrown) =>
      new OrchestrationError(
        `Condition ${JSON.stringify(text)} cannot be read: ${summaryOf(thrown)}. It is a CEL expression over params, outputs, metadata and run.`,
        {
          code: "WORKFLOW_INVALID",
          cause: thrown,
          context: { expression: text },
        },
      ),
  );
}

function checked(parsed: ParseResult, wanted: "bool" | "list"): ParseResult {
  const { valid, type, error } = parsed.check();
  if (!valid) throw error ?? new Error("it does not fit together");
  const fits = type === "dyn" || (wanted === "bool" ? type === "bool" : type?.startsWith("list") === true);
  if (!fits) throw new Error(`it is of type ${type}, not ${wanted === "bool" ? "true or false" : "a list"}`);
  return parsed;
}

/** Evaluates a condition; whatever goes wrong fails with `CONDITION_FAILED`. */
export function evaluateCondition(
  predicate: Predicate,
  context: WorkflowContext,
  text: string,
): Result<boolean, SpineError> {
  const result = tryResult(
    () => predicate(context),
    (thrown) => (thrown instanceof SpineError ? thrown : conditionError(text, summaryOf(thrown), thrown)),
  );
  if (result.isErr()) return err(result.error);
  // A function from plain JavaScript may give something that is merely true-ish; a promise would always be.
  const value: unknown = result.value;
  if (value instanceof Promise) return err(conditionError(text, "it gives a promise, and conditions do not wait"));
  return ok(Boolean(value));
}

function conditionError(text: string, why: string, cause?: unknown): SpineError {
  return new OrchestrationError(`Condition ${text} could not be evaluated: ${why}.`, {
    code: "CONDITION_FAILED",
    cause,
    context: { expression: text },
  });
}

/** The library's errors carry a drawing of the place after the first line, and their sentence as `summary`. */
function summaryOf(thrown: unknown): string {
  if (typeof thrown === "object" && thrown !== null && "summary" in thrown && typeof thrown.summary === "string")
    return thrown.summary;
  return thrown instanceof Error ? (thrown.message.split("\n")[0] ?? thrown.message) : String(thrown);
}

function describe(value: unknown): string {
  return value === null ? "null" : `a ${typeof value}`;
}
