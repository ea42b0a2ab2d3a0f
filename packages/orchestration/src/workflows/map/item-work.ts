import { encodeJsonObject, type Json, type JsonObject, toSpineError } from "@spine/core";
import type { StepOutcome } from "../../engine/program.ts";
import type { StepScope } from "../../engine/scope.ts";
import type { WorkflowContext } from "../context.ts";
import { outcomeOf } from "../step-result.ts";
import { outcomeOfChild } from "../steps/child-outcome.ts";
import type { MapStep } from "../steps/map.ts";
import { pipelineKind, pipelineStep } from "../steps/pipeline.ts";

/** What a map step does with each item. */
export type MapWork =
  | { readonly kind: "pipeline"; readonly name: string; readonly handler?: never }
  | { readonly kind: "workflow"; readonly name: string; readonly handler?: never }
  | {
      readonly kind: "run";
      readonly name?: never;
      readonly handler: (item: Json, context: WorkflowContext, index: number) => unknown;
    };

/** Does one item; never rejects. */
export type ItemWork = (item: Json, index: number, attempt: number) => Promise<StepOutcome>;

export function itemWork(step: MapStep, context: WorkflowContext, scope: StepScope): ItemWork {
  const given = (item: Json): JsonObject => ({ ...step.params, [step.itemParam]: item });

  async function once(item: Json, index: number, attempt: number): Promise<StepOutcome> {
    const { work } = step;
    if (work.kind === "run") {
      const value: unknown = await work.handler(item, context, index);
      return typeof value === "object" || typeof value === "boolean" || value === undefined
        ? outcomeOf(step.name, value)
        : { status: "COMPLETED", output: value as Json };
    }
    if (work.kind === "workflow") {
      const params = encodeJsonObject({ ...context.paramsObject(), ...given(item) });
      if (params.isErr()) return { status: "FAILED", error: params.error };
      const child = { kind: "workflow", name: work.name, params: params.value, key: String(index) } as const;
      return outcomeOfChild("Workflow", work.name, await scope.runChild(child));
    }
    const own = pipelineStep(step.name, work.name, { params: given(item) });
    const itemScope = scope.forItem(index, attempt);
    const outcome = await pipelineKind.execute(own, context, itemScope);
    return (await itemScope.end(outcome)) ?? outcome;
  }

  return async (item, index, attempt) => {
    try {
      return await once(item, index, attempt);
    } catch (thrown) {
      return { status: "FAILED", error: toSpineError(thrown, "STEP_THREW", { step: step.name, index }) };
    }
  };
}
