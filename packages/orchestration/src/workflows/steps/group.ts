import { encodeJsonObject, isJsonObject, type JsonObject, SpineError } from "@spine/core";
import type { Outcome } from "../../engine/program.ts";
import type { Run } from "../../engine/run.ts";
import { policyOf, type StepBase, type StepKind, type StepPolicyOptions } from "../step-kind.ts";

export interface GroupStepOptions extends StepPolicyOptions {
  /** Over the context's parameters; the group's run gets the merge of both. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A v1 group inside a v2 workflow: a run of its own, child of this one, found again when the step is tried again. */
export interface GroupCallStep extends StepBase {
  readonly kind: StepKind<GroupCallStep>;
  readonly group: string;
  readonly params: JsonObject;
}

const groupKind: StepKind<GroupCallStep> = Object.freeze<StepKind<GroupCallStep>>({
  kind: "group",
  async execute(step, context, scope) {
    const params = encodeJsonObject({ ...context.paramsObject(), ...step.params });
    if (params.isErr()) return { status: "FAILED", error: params.error };
    const run = await scope.runGroup({ group: step.group, params: params.value });
    return run.match(
      (ended) => outcomeOfRun(step, ended),
      (error): Outcome => ({ status: "FAILED", error }),
    );
  },
  toDocument: ({ group, params }) => ({ group, params }),
  groupsOf: ({ group }) => [group],
});

/** Throws `WORKFLOW_INVALID` when the parameters are not JSON. */
export function groupStep(name: string, group: string, options: GroupStepOptions = {}): GroupCallStep {
  const params = encodeJsonObject(options.params ?? {});
  if (params.isErr())
    throw new SpineError("WORKFLOW_INVALID", `Step "${name}", params: ${params.error.message}`, {
      cause: params.error,
    });
  return Object.freeze({ name, kind: groupKind, group, params: params.value, ...policyOf(options) });
}

/** The child's effect on its parent: COMPLETED gives the outputs by step, everything else fails the step (PARTIAL too). */
function outcomeOfRun(step: GroupCallStep, run: Run): Outcome {
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
    `Group "${step.group}" (run ${run.runId}) ended ${run.status}${run.errorStep === undefined ? "" : ` at step "${run.errorStep}"`}${run.error === undefined ? "" : `: ${run.error.message}`}`,
    {
      ...(run.error === undefined
        ? {}
        : { category: run.error.category, retryable: run.error.retryable, cause: run.error }),
      context: { group: step.group, runId: run.runId },
    },
  );
  return { status: "FAILED", error, output };
}
