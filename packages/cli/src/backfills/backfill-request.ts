import { type BackfillDirection, type BackfillMode, encodeJsonObject, type JsonObject, orThrow } from "@spine/core";
import type { BackfillRequest, Spine } from "@spine/orchestration";
import { type Invocation, listOption } from "../command.ts";
import { paramsOf } from "../commands/run.ts";
import { choiceOption, countOption, rangeOptions } from "../input/options.ts";
import { findRunnable, refuseUnknown } from "../params/runnable.ts";

const modes: readonly BackfillMode[] = ["missing", "failed", "stale", "all"];
const directions: readonly BackfillDirection[] = ["forward", "backward"];

/** What a backfill shall fill, as it was typed. Throws what its options or parameters fail with. */
export async function backfillRequest(spine: Spine, invocation: Invocation): Promise<Omit<BackfillRequest, "reason">> {
  const [expectation = ""] = invocation.args;
  const protect = listOption(invocation, "protect");
  return {
    expectation,
    mode: choiceOption(invocation, "mode", modes) ?? "missing",
    ...rangeOptions(invocation),
    direction: choiceOption(invocation, "direction", directions),
    maxParallel: countOption(invocation, "maxParallel", { max: 1000 }),
    ...(protect.length === 0 ? {} : { protect }),
    params: await paramsFor(spine, expectation, invocation),
  };
}

/** Parameters for the expectation's target, checked against what it takes. */
async function paramsFor(spine: Spine, expectation: string, invocation: Invocation): Promise<JsonObject> {
  const { produce } = orThrow(spine.expectations.get(expectation));
  if (produce === undefined) return {};
  const runnable = await findRunnable(spine, produce.run);
  const params = paramsOf(runnable, { ...invocation, args: [] });
  refuseUnknown(runnable, params);
  return orThrow(encodeJsonObject(params));
}
