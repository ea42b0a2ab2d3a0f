// An instance
export {
  createSpine,
  spineOfHost,
  type GroupsApi,
  type PartApis,
  type PipelinesApi,
  type Spine,
  type SpineOptions,
  type UntypedOutputs,
  type WorkflowsApi,
} from "./spine.ts";
export type { BackfillRequest, Backfills } from "./backfill/backfills.ts";
export type { WorkOptions } from "./backfill/backfill-worker.ts";

// Workflows (v2)
export { defineWorkflow, type Workflow, type WorkflowDefinition, workflowDocument, type WorkflowSettings } from "./workflows/workflow.ts";
export { type AnyPipelineKey, type OutputOfKey, type ParamsOfKey, Step } from "./workflows/step.ts";
export {
  type ApprovalOutput,
  type BuilderChoice,
  type GroupOutput,
  type MapOutput,
  type ParamsGiven,
  type ParamsIn,
  type WaitOutput,
  workflow,
  type WorkflowBuilder,
} from "./workflows/builder.ts";
export { type RunIdentity, WorkflowContext } from "./workflows/context.ts";
export { type OutputOfReturn, type StepFailure, StepResult, type StepResultOptions, type StepReturn } from "./workflows/step-result.ts";
export type { ItemFailures, ItemSource, MapOptions } from "./workflows/steps/map.ts";
export type { CompensationOptions } from "./workflows/compensation-options.ts";
export type { ConcurrencyLimit } from "./workflows/concurrency.ts";
export { type Expression, parseExpression, type Predicate } from "./workflows/condition.ts";
export { type GivenParams, type WorkflowRun, WorkflowRunner } from "./workflows/workflow-runner.ts";

// Documents
export { type ReadOptions, workflowFromJson, workflowToJson, type WriteOptions } from "./document/workflow-document.ts";
export { workflowJsonSchema } from "./document/document-schema.ts";
export { type DocumentMigration, migrateDocument } from "./document/migrate.ts";
export { type FunctionWriter, type NamedFunctions } from "./document/functions.ts";
export { type StepForm, stepForm } from "./document/step-form.ts";
export { type AnyStepKind } from "./document/kinds.ts";
export { applyEdit, type Connection, type Edit, type Edited, type EditOptions } from "./document/edit.ts";

// Seeing
export { toMermaid, toText } from "./drawing/draw.ts";
export { type LintCode, type LintFinding, lintWorkflow } from "./lint/lint.ts";

// Groups (v1)
export { defineGroup, type Group, type GroupDefinition, type GroupPolicy, type GroupStep, type GroupStepDefinition } from "./groups/group.ts";
export { type Plan, type PlannedStep, type PlanOptions, resolvePlan } from "./groups/plan.ts";
export type { GroupExecution, GroupStepExecution } from "./groups/group-execution.ts";
export { GroupRegistry } from "./groups/group-registry.ts";
export { groupDocument } from "./groups/group-executable.ts";
export { GroupRunner } from "./groups/group-runner.ts";
export { PlanResolver } from "./groups/plan-resolver.ts";

// Runs
export type { EnvironmentOptions } from "./engine/environment.ts";
export type { RerunOptions, ResumeOptions } from "./engine/resume-options.ts";
export type { Waker, WakerOptions } from "./engine/waker.ts";
export type { RunItem, RunsApi } from "./runs-api.ts";
export type { RunOptions } from "./engine/prepare.ts";
export { type ErrorPolicy, type RetryPolicy, retryDelayMs } from "./engine/retry.ts";
export type { Run, StepSummary } from "./engine/run.ts";
export { deadHere } from "./engine/owner.ts";
