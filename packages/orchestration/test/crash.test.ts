import { memory, type StepRecord, type Store } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { type CrashPlan, crashingStore } from "./support/crashing-store.ts";
import { fullFlow } from "./support/full-flow.ts";
import type { OpenedSpine } from "./support/open-spine.ts";
import { passTime } from "./support/pass-time.ts";
import { openProcess } from "./support/processes.ts";

const runId = "run_a_000001";
const options = { params: { week: "2025-11-14", tier: "OTC" }, batchId: "batch_1" };

/** Runs the workflow in a process that dies as planned, if at all. */
async function runUntilCrash(plan?: CrashPlan) {
  const disk = memory();
  const flow = fullFlow();
  const store = crashingStore(disk, plan);
  const { spine, clock } = await openProcess(store, { ...flow, workflows: [flow.workflow] });
  const running = spine.workflows.run("test.flow", options);
  const result = await passTime(clock, Promise.race([running, store.crashed]));
  return { disk, flow, result, writes: store.writes };
}

/** Outputs without what is new each time: ids of references. */
function comparable(outputs: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(JSON.stringify(outputs, (key, value: unknown) => (key === "$ref" ? "" : value)));
}

async function allSteps(store: Store): Promise<readonly StepRecord[]> {
  const runs = await Promise.all([runId, `${runId}:all`].map((id) => expectOk(store.history.steps({ runId: id }))));
  return runs.flat();
}

const nameOf = ({ runId: id, step }: StepRecord): string => (id === runId ? step : `all.${step}`);

const whole = await runUntilCrash();
const expected = whole.result?.isOk() === true ? whole.result.value : undefined;

it("the workflow completes when nothing happens", () => {
  expect(expected).toMatchObject({ status: "COMPLETED", counts: { total: 10, completed: 8, failed: 0, skipped: 2 } });
  expect(expected?.outputs["sum"]).toMatchObject({
    length: 70_000,
    params: { week: "2025-11-14", tier: "T1", skipped: true },
  });
  expect(whole.flow.begun).toEqual([
    "plan",
    "ingest",
    "big",
    "load",
    "load",
    "read",
    "nothing",
    "all.first",
    "all.second",
    "all.last",
    "sum",
  ]);
  expect(whole.writes).toBeGreaterThan(20);
});

const plans: readonly CrashPlan[] = Array.from({ length: whole.writes }, (_, index) => index + 1).flatMap((write) => [
  { write, how: "before" as const },
  { write, how: "after" as const },
]);

describe("a process that dies", () => {
  it.each(plans)("$how its write $write leaves a run that another process brings to the same end", async (plan) => {
    const { disk, flow } = await runUntilCrash(plan);
    const second: OpenedSpine = await openProcess(disk, { ...flow, workflows: [flow.workflow], name: "b", minutes: 5 });
    const { store } = second.spine;
    const left = await allSteps(store);
    const begunBefore = flow.begun.length;

    const recovered = await passTime(second.clock, expectOk(second.spine.recover()));
    const record = await expectOk(store.history.get({ runId }));
    if (record === undefined) {
      expect([recovered, flow.begun]).toEqual([[], []]);
      return;
    }
    expect(record).toMatchObject({ status: "COMPLETED", counts: expected?.counts, owner: undefined, error: undefined });
    const [entry] = recovered;
    if (entry !== undefined)
      expect(comparable((await expectOk(entry.result)).outputs)).toEqual(comparable(expected?.outputs ?? {}));

    const begunAgain = flow.begun.slice(begunBefore);
    const done = new Set(
      left.filter(({ status, attempt }) => status === "COMPLETED" || (status === "SKIPPED" && attempt > 0)).map(nameOf),
    );
    expect(begunAgain.filter((name) => done.has(name))).toEqual([]);
    for (const step of left.filter(({ status, kind }) => status === "RUNNING" && kind === "pipeline")) {
      const again = flow.facts.findLast((facts) => facts.runId === step.runId && facts.step === step.step);
      expect(again).toMatchObject({ attempt: step.attempt + 1, idempotencyKey: `${step.runId}:${step.step}` });
    }

    expect((await allSteps(store)).filter(({ status }) => status !== "COMPLETED").map(nameOf)).toEqual([
      "small",
      "nothing",
    ]);
    const captures = await expectOk(store.captures.list({}));
    expect(
      captures
        .filter(({ status }) => status === "COMPLETE")
        .map(({ stage }) => stage)
        .toSorted(),
    ).toEqual(["INGEST", "NORMALIZE"]);
    expect(captures.filter(({ status }) => status === "RUNNING")).toEqual([]);
  });
});

describe("a store that fails", () => {
  const failing = Array.from({ length: whole.writes }, (_, index) => ({ write: index + 1, how: "error" as const }));
  it.each(failing)(
    "from write $write on ends the run with that error, and it can be brought to its end later",
    async (plan) => {
      const { disk, flow, result } = await runUntilCrash(plan);
      expect(result?._unsafeUnwrapErr()).toMatchObject({ code: "STORAGE_ERROR" });
      const second = await openProcess(disk, { ...flow, workflows: [flow.workflow], name: "b", minutes: 5 });
      await passTime(second.clock, expectOk(second.spine.recover()));
      const record = await expectOk(second.spine.store.history.get({ runId }));
      if (record === undefined) expect(flow.begun).toEqual([]);
      else expect(record).toMatchObject({ status: "COMPLETED", counts: expected?.counts });
    },
  );
});
