import { nowOf } from "@spine/core";
import type { WorkflowContext } from "../workflows/context.ts";
import type { Executable } from "./executable.ts";
import type { Move } from "./program.ts";
import type { EngineEnvironment } from "./scope.ts";
import { startOf } from "./transitions.ts";

/** Tells listeners in this process that a run, and its first steps, have begun. */
export function tellStarted(
  { bus, clock }: EngineEnvironment,
  context: WorkflowContext,
  executable: Executable,
  first: Move,
): void {
  if (!bus.active) return;
  const at = nowOf(clock);
  const { runId } = context;
  bus.emit({
    type: "run.started",
    at,
    runId,
    payload: { name: executable.name, kind: executable.kind, steps: executable.ownSteps ?? executable.steps.length },
  });
  for (const position of first.run) {
    const { step, attempt } = startOf(executable.steps, position);
    bus.emit({ type: "step.started", at, runId, step, payload: { attempt } });
  }
}
