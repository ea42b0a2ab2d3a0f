import { definePipeline, ok, skipped } from "@spine/core";
import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Step } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { runFlow } from "./support/run-steps.ts";
import { attemptLines, eventLines } from "./support/summaries.ts";

describe("a pipeline that had nothing to do", () => {
  it.each([
    ["returns", () => skipped("already captured as cap_1", { rows: 3 })],
    ["promises", async () => skipped("already captured as cap_1", { rows: 3 })],
    ["returns an Ok of", () => ok(skipped("already captured as cap_1", { rows: 3 }))],
  ])("and %s skipped is SKIPPED with its reason, and its output is there for later steps", async (_, work) => {
    const ingest = stub("prices.ingest", work);
    const { spine, run } = await runFlow(
      [Step.pipeline("ingest", keyOf(ingest)), Step.lambda("after", ({ outputs }) => ({ saw: outputs["ingest"] }))],
      { pipelines: [ingest] },
    );
    expect(run.status).toBe("COMPLETED");
    expect(run.counts).toEqual({ total: 2, completed: 1, failed: 0, skipped: 1 });
    expect(run.steps[0]).toMatchObject({ status: "SKIPPED", reason: "already captured as cap_1", attempt: 1 });
    expect(run.outputs).toEqual({ ingest: { rows: 3 }, after: { saw: { rows: 3 } } });
    const [stored] = await expectOk(spine.store.history.steps(run));
    expect(stored).toMatchObject({
      status: "SKIPPED",
      reason: "already captured as cap_1",
      output: { rows: 3 },
      attempt: 1,
    });
    expect(await attemptLines(spine, run.runId)).toEqual(["ingest 1 SKIPPED", "after 1 COMPLETED"]);
    expect(await eventLines(spine, run.runId)).toEqual([
      "run.started",
      "step.skipped ingest",
      "step.completed after",
      "run.completed",
    ]);
  });

  it("without an output leaves none", async () => {
    const ingest = stub("prices.ingest", () => skipped("no file yet"));
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.outputs).toEqual({});
    expect(run.steps[0]).toMatchObject({ status: "SKIPPED", reason: "no file yet" });
  });

  it("has its output checked like any other", async () => {
    const ingest = definePipeline({
      key: "prices.ingest",
      output: z.object({ rows: z.int() }),
      run: () => skipped("already captured", { rows: "three" } as never),
    });
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.error).toMatchObject({ code: "OUTPUT_INVALID" });
  });
});

describe("a pipeline's output", () => {
  it("is parsed by its schema", async () => {
    const ingest = definePipeline({
      key: "prices.ingest",
      output: z.object({ rows: z.int(), tier: z.string().default("OTC") }),
      run: () => ({ rows: 3, extra: "dropped" }) as never,
    });
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.outputs).toEqual({ ingest: { rows: 3, tier: "OTC" } });
  });

  it("that does not fit its schema fails the step, naming each place", async () => {
    const ingest = definePipeline({
      key: "prices.ingest",
      output: z.object({ rows: z.int() }),
      run: () => ({ rows: "three" }) as never,
    });
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.error).toMatchObject({ code: "OUTPUT_INVALID", category: "PIPELINE" });
    expect(run.error?.message).toMatch(
      /^Pipeline "prices\.ingest" returned what its output schema does not allow: rows: /,
    );
  });

  it.each([true, false])("may be %s, which is data and no verdict", async (value) => {
    const holiday = stub("calendar.holiday", () => value);
    const { run } = await runFlow([Step.pipeline("holiday", keyOf(holiday))], { pipelines: [holiday] });
    expect(run.status).toBe("COMPLETED");
    expect(run.outputs).toEqual({ holiday: value });
  });
});
