import { err, OrchestrationError, type Result, type SpineError } from "@spine/core";
import type { WorkflowContext } from "../workflows/context.ts";
import { type DurableParts, storedRun } from "./durable-parts.ts";
import type { Executable } from "./executable.ts";
import type { RunOptions } from "./prepare.ts";
import type { ResumeOptions } from "./resume-options.ts";
import type { Run } from "./run.ts";
import type { Parent } from "./run-setup.ts";
import type { ChildRun, EngineEnvironment } from "./scope.ts";

/** Runs may start runs this deep; a workflow that starts itself is found out here, not when the disk is full. */
const maxDepth = 16;

export interface ChildRunnerOptions {
  readonly environment: EngineEnvironment;
  readonly parts: DurableParts | undefined;
  executableOf(child: ChildRun): Result<Executable, SpineError>;
  start(executable: Executable, options: RunOptions, parent: Parent): Promise<Result<Run, SpineError>>;
  resume(executable: Executable, runId: string, options: ResumeOptions): Promise<Result<Run, SpineError>>;
}

/** One child run per step and key: a repeated attempt finds it by its id and goes on with it. */
export function childRunner({ parts, executableOf, start, resume }: ChildRunnerOptions) {
  return async function runChild(
    context: WorkflowContext,
    step: string,
    child: ChildRun,
    signal: AbortSignal,
  ): Promise<Result<Run, SpineError>> {
    const executable = executableOf(child);
    if (executable.isErr()) return err(executable.error);
    const childRunId = `${context.runId}:${step}${child.key === undefined ? "" : `:${child.key}`}`;
    if (childRunId.split(":").length > maxDepth) return err(tooDeep(context.runId, child.name));
    const { detached = false } = child;
    if (parts !== undefined && !context.isDryRun) {
      const earlier = await parts.store.history.get({ runId: childRunId });
      if (earlier.isErr()) return err(earlier.error);
      const record = earlier.value;
      if (record !== undefined && (detached || record.status === "COMPLETED")) return storedRun(parts, record);
      // One that is paused is not woken by its parent being asked again.
      if (record?.status === "WAITING" && record.requested === "pause") return storedRun(parts, record);
      if (record !== undefined) return resume(executable.value, childRunId, { signal });
    }
    const options = { params: child.params, ...(detached ? {} : { signal }) };
    return start(executable.value, options, { context, childRunId, detached });
  };
}

function tooDeep(runId: string, name: string): SpineError {
  return new OrchestrationError(
    `Run ${runId} is ${maxDepth} runs deep and wants to start "${name}". A workflow that starts itself must end somewhere.`,
    { code: "RUN_TOO_DEEP", context: { runId, name } },
  );
}
