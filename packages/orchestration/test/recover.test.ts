import { memory } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { expect, it } from "vitest";
import { defineGroup, Step, StepResult } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openProcess } from "./support/processes.ts";
import { flow } from "./support/run-steps.ts";
import { storedStepLines } from "./support/summaries.ts";

const runId = "run_a_000001";

it("a child run is not abandoned by itself: whoever resumes its parent goes on with it", async () => {
  const store = memory();
  const begun: string[] = [];
  const hold = stub("prices.hold", ({ run }) => {
    begun.push(`${run.runId} ${run.attempt}`);
    return run.attempt === 1 ? new Promise(() => undefined) : {};
  });
  const weekly = defineGroup({ name: "weekly", steps: [{ name: "hold", pipeline: keyOf(hold) }] });
  const given = { workflows: [flow([Step.group("all", "weekly")])], groups: [weekly], pipelines: [hold] };
  const first = await openProcess(store, given);
  void first.spine.workflows.run("test.flow");
  await first.clock.advance(0);
  const second = await openProcess(store, { ...given, name: "b", minutes: 2 });
  expect((await expectOk(second.spine.abandoned())).map(({ runId: id }) => id)).toEqual([runId]);
  const [recovered] = await expectOk(second.spine.recover());
  expect(recovered?.result.isOk()).toBe(true);
  expect(begun).toEqual([`${runId}:all 1`, `${runId}:all 2`]);
  expect(await expectOk(second.spine.store.history.get({ runId: `${runId}:all` }))).toMatchObject({
    status: "COMPLETED",
  });
});

it("recover resumes every abandoned run, oldest first, and tells what became of each", async () => {
  const store = memory();
  let broken = true;
  const steps = [
    Step.lambda("a", () => ({})),
    Step.lambda("b", () => (broken ? new Promise(() => undefined) : StepResult.fail("no"))),
  ];
  const given = { workflows: [flow(steps)] };
  const first = await openProcess(store, given);
  void first.spine.workflows.run("test.flow");
  await first.clock.advance(10);
  void first.spine.workflows.run("test.flow");
  await first.clock.advance(10);
  broken = false;
  const second = await openProcess(store, { ...given, name: "b", minutes: 2 });
  const recovered = await expectOk(second.spine.recover());
  expect(recovered.map(({ runId: id }) => id)).toEqual(["run_a_000001", "run_a_000002"]);
  for (const { result } of recovered) expect(await expectOk(result)).toMatchObject({ status: "FAILED" });
  expect(await storedStepLines(second.spine, "run_a_000002")).toEqual(["a COMPLETED", "b FAILED"]);
});
