import { encodeJsonObject, type JsonObject, SpineError } from "@spine/core";
import { policyOf, type StepBase, type StepKind, type StepPolicyOptions } from "../step-kind.ts";
import { outcomeOfChild } from "./child-outcome.ts";

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
    return outcomeOfChild(
      "Group",
      step.group,
      await scope.runChild({ kind: "group", name: step.group, params: params.value }),
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
