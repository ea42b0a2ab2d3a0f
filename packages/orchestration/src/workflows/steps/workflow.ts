import { encodeJsonObject, type JsonObject, SpineError } from "@spine/core";
import { policyOf, type StepBase, type StepKind, type StepPolicyOptions } from "../step-kind.ts";
import { outcomeOfChild } from "./child-outcome.ts";

export interface WorkflowStepOptions extends StepPolicyOptions {
  /** Over the context's parameters; the child's run gets the merge of both. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Starts the child and goes on: what becomes of it is its own affair. @defaultValue false */
  readonly detached?: boolean;
}

/** A workflow inside a workflow: a run of its own, child of this one, found again when the step is tried again. */
export interface WorkflowCallStep extends StepBase {
  readonly kind: StepKind<WorkflowCallStep>;
  readonly workflow: string;
  readonly params: JsonObject;
  readonly detached: boolean;
}

const workflowKind: StepKind<WorkflowCallStep> = Object.freeze<StepKind<WorkflowCallStep>>({
  kind: "workflow",
  async execute({ workflow, params: own, detached }, context, scope) {
    const params = encodeJsonObject({ ...context.paramsObject(), ...own });
    if (params.isErr()) return { status: "FAILED", error: params.error };
    const child = { kind: "workflow", name: workflow, params: params.value, detached } as const;
    if (!detached) return outcomeOfChild("Workflow", workflow, await scope.runChild(child));
    const started = await scope.runChild(child);
    if (started.isErr()) return { status: "FAILED", error: started.error };
    return { status: "COMPLETED", output: Object.freeze({ runId: started.value.runId }) };
  },
  toDocument: ({ workflow, params, detached }) => ({ workflow, params, ...(detached ? { detached } : {}) }),
  workflowsOf: ({ workflow }) => [workflow],
});

/** Throws `WORKFLOW_INVALID` when the parameters are not JSON. */
export function workflowStep(name: string, workflow: string, options: WorkflowStepOptions = {}): WorkflowCallStep {
  const params = encodeJsonObject(options.params ?? {});
  if (params.isErr())
    throw new SpineError("WORKFLOW_INVALID", `Step "${name}", params: ${params.error.message}`, {
      cause: params.error,
    });
  return Object.freeze({
    name,
    kind: workflowKind,
    workflow,
    params: params.value,
    detached: options.detached ?? false,
    ...policyOf(options),
  });
}
