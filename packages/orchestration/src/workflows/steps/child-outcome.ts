import { isJsonObject, type Result, SpineError } from "@spine/core";
import type { StepOutcome } from "../../engine/program.ts";
import type { Run } from "../../engine/run.ts";

/**
 * A child's effect on its parent: COMPLETED gives the outputs by step, WAITING has the parent wait too, everything else fails the
 * step (PARTIAL too).
 */
export function outcomeOfChild(what: "Group" | "Workflow", name: string, ended: Result<Run, SpineError>): StepOutcome {
  if (ended.isErr()) return { status: "FAILED", error: ended.error };
  const run = ended.value;
  if (run.status === "WAITING")
    return { status: "WAITING", wait: { reason: "child", until: run.dueAt, children: [run.runId] } };
  const outputs = { ...run.outputs };
  const output = Object.freeze({
    runId: run.runId,
    status: run.status,
    batchId: run.batchId ?? null,
    outputs: isJsonObject(outputs) ? Object.freeze(outputs) : {},
  });
  if (run.status === "COMPLETED") return { status: "COMPLETED", output };
  const error = new SpineError(
    "STEP_FAILED",
    `${what} "${name}" (run ${run.runId}) ended ${run.status}${run.errorStep === undefined ? "" : ` at step "${run.errorStep}"`}${run.error === undefined ? "" : `: ${run.error.message}`}`,
    {
      ...(run.error === undefined
        ? {}
        : { category: run.error.category, retryable: run.error.retryable, cause: run.error }),
      context: { [what.toLowerCase()]: name, runId: run.runId },
    },
  );
  return { status: "FAILED", error, output };
}
