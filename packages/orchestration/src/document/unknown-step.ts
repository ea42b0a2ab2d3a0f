import { type JsonObject, OrchestrationError } from "@spine/core";
import { policyOf, type Step, type StepBase, type StepKind, type StepPolicyOptions } from "../workflows/step-kind.ts";

export interface UnknownStep extends StepBase {
  readonly kind: StepKind<UnknownStep>;
  readonly fields: JsonObject;
}

/** A step of a type that is not known here: it is written again as it was read, and fails when it is run. */
export function unknownStepOf(name: string, type: string, fields: JsonObject, policy: StepPolicyOptions): Step {
  const kind: StepKind<UnknownStep> = Object.freeze<StepKind<UnknownStep>>({
    kind: type,
    execute: (step) => ({
      status: "FAILED",
      error: new OrchestrationError(
        `Step "${step.name}" is of type "${type}", which nothing here knows. Give its kind in \`kinds\` where the document is read.`,
        { code: "STEP_TYPE_UNKNOWN", context: { step: step.name, type } },
      ),
    }),
    toDocument: (step) => step.fields,
    isUnknown: true,
  });
  const step: UnknownStep = Object.freeze({ name, kind, fields, ...policyOf(policy) });
  return step as unknown as Step;
}
