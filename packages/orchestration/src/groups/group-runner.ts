import { err, type ResultAsync, resultAsync, type SpineError } from "@spine/core";
import { createEngine, type Engine } from "../engine/engine.ts";
import { type EnvironmentOptions, environmentOf } from "../engine/environment.ts";
import type { RunOptions } from "../engine/prepare.ts";
import type { Run } from "../engine/run.ts";
import type { Group } from "./group.ts";
import { groupExecutable } from "./group-executable.ts";

/** Runs groups for people who wire things themselves; `createSpine` does this and more. Without a store nothing is kept. */
export class GroupRunner {
  readonly #engine: Engine;

  constructor(options: EnvironmentOptions = {}) {
    this.#engine = createEngine(environmentOf(options));
  }

  /**
   * Sequential or parallel by the group's policy. A step runs only if all it depends on completed, else it is SKIPPED. Ends
   * COMPLETED, FAILED (a failure under `stop`, or nothing succeeded) or PARTIAL. Fails with `GROUP_CYCLE`, `PIPELINE_NOT_FOUND`.
   */
  run(group: Group, options?: RunOptions): ResultAsync<Run, SpineError> {
    return resultAsync(async () => {
      const executable = groupExecutable(group);
      return executable.isErr() ? err(executable.error) : this.#engine.start(executable.value, options);
    });
  }

  resume(group: Group, runId: string): ResultAsync<Run, SpineError> {
    return resultAsync(async () => {
      const executable = groupExecutable(group);
      return executable.isErr() ? err(executable.error) : this.#engine.resume(executable.value, runId);
    });
  }

  close(): ResultAsync<void, SpineError> {
    return this.#engine.close();
  }
}
