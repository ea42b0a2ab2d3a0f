import { type ResultAsync, type SpineError } from "@spine/core";
import { createEngine, type Engine } from "../engine/engine.ts";
import { type EnvironmentOptions, environmentOf } from "../engine/environment.ts";
import type { RunOptions } from "../engine/prepare.ts";
import type { Run } from "../engine/run.ts";
import type { Workflow } from "./workflow.ts";
import { workflowExecutable } from "./workflow-executable.ts";

/** A workflow's run, with the outputs its builder knows. */
export type WorkflowRun<Outputs> = Omit<Run, "outputs"> & { readonly outputs: Outputs };

/** Parameters a run may give: what the workflow declares, or any when it declares nothing. */
export type GivenParams<Params> = unknown extends Params ? Readonly<Record<string, unknown>> : Params;

/** Runs workflows for people who wire things themselves; `createSpine` does this and more. Without a store nothing is kept. */
export class WorkflowRunner {
  readonly #engine: Engine;

  constructor(options: EnvironmentOptions = {}) {
    this.#engine = createEngine(environmentOf(options));
  }

  /** Err when the run could not be started or recorded; else look at its status. */
  run<Params, Outputs>(
    workflow: Workflow<Params, Outputs>,
    options?: RunOptions<GivenParams<Params>>,
  ): ResultAsync<WorkflowRun<Outputs>, SpineError> {
    return this.#engine.start(workflowExecutable(workflow), options as RunOptions) as unknown as ResultAsync<
      WorkflowRun<Outputs>,
      SpineError
    >;
  }

  resume(workflow: Workflow, runId: string): ResultAsync<Run, SpineError> {
    return this.#engine.resume(workflowExecutable(workflow), runId);
  }

  close(): ResultAsync<void, SpineError> {
    return this.#engine.close();
  }
}
