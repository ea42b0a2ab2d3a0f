import { memory } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { openProcess } from "./support/processes.ts";
import { flow } from "./support/run-steps.ts";

const runId = "run_a_000001";

it("a step whose process ends each time it runs is begun five times and then fails the run", async () => {
  const disk = memory();
  let begun = 0;
  const never = new Promise<void>(() => undefined);
  const workflow = flow([
    Step.lambda("kills", () => {
      begun += 1;
      return never;
    }),
  ]);
  // Each of these works on the step for ever; the next one comes when its lease has long run out.
  for (let process = 0; process < 6; process += 1) {
    const { spine, clock } = await openProcess(disk, {
      workflows: [workflow],
      name: String.fromCodePoint(97 + process),
      minutes: process * 5,
    });
    const running = process === 0 ? spine.workflows.run("test.flow") : spine.resume(runId);
    await clock.advance(0);
    if (process < 5) continue;
    const run = await expectOk(running);
    expect(run.error).toMatchObject({ code: "STEP_INTERRUPTED", retryable: false });
    const [step] = await expectOk(spine.store.history.steps({ runId }));
    expect(step).toMatchObject({ step: "kills", status: "FAILED" });
    const events = await expectOk(spine.store.history.events({ runId }));
    expect(events.filter(({ type }) => type === "run.resumed")).toHaveLength(5);
  }
  expect(begun).toBe(5);
});
