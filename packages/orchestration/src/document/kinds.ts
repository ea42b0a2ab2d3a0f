import type { StepKind } from "../workflows/step-kind.ts";
import { approvalKind } from "../workflows/steps/approval.ts";
import { choiceKind } from "../workflows/steps/choice.ts";
import { groupKind } from "../workflows/steps/group.ts";
import { lambdaKind } from "../workflows/steps/lambda.ts";
import { mapKind } from "../workflows/steps/map.ts";
import { pipelineKind } from "../workflows/steps/pipeline.ts";
import { waitKind } from "../workflows/steps/wait.ts";
import { workflowKind } from "../workflows/steps/workflow.ts";

/** A kind whose steps are of whatever shape. */
export type AnyStepKind = Pick<StepKind, "kind" | "form">;

/** The kinds of step that a document may use without further ado, in the order of the documentation. */
export const builtInKinds: readonly AnyStepKind[] = Object.freeze([
  pipelineKind,
  lambdaKind,
  choiceKind,
  waitKind,
  approvalKind,
  mapKind,
  groupKind,
  workflowKind,
]);
