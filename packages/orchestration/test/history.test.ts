import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openFlow, runFlow } from "./support/run-steps.ts";
import { eventLines } from "./support/summaries.ts";

describe("the stored run", () => {
  it("says what ran, with which parameters, for whom, when and for how long", async () => {
    const { spine, clock, run } = await runFlow(
      [Step.lambda("wait", () => Promise.resolve()), Step.lambda("check", () => ({ rows: 3 }))],
      {
        version: "7",
        domain: "prices",
        defaults: { tier: "OTC" },
        run: {
          params: { week: "2025-11-14" },
          partition: "2025-W46",
          asOf: "2025-12-01T00:00:00Z",
          batchId: "batch_1",
          triggeredBy: "cli",
        },
      },
    );
    expect(clock.nowMs()).toBe(Date.parse("2025-12-20T00:00:00Z"));
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({
      runId: "run_000001",
      kind: "workflow",
      name: "test.flow",
      version: "7",
      domain: "prices",
      status: "COMPLETED",
      params: { tier: "OTC", week: "2025-11-14" },
      partition: "2025-W46",
      asOf: "2025-12-01T00:00:00.000Z",
      batchId: "batch_1",
      triggeredBy: "cli",
      traceId: "run_000001",
      parentRunId: undefined,
      dryRun: false,
      owner: undefined,
      error: undefined,
      counts: { total: 2, completed: 2, failed: 0, skipped: 0 },
      startedAt: "2025-12-20T00:00:00.000Z",
      completedAt: "2025-12-20T00:00:00.000Z",
      durationMs: 0,
    });
  });

  it("is what the caller gets too", async () => {
    const { spine, run } = await runFlow([Step.lambda("check", () => StepResult.fail("no"))], {
      run: { batchId: "batch_1" },
    });
    const stored = await expectOk(spine.store.history.get(run));
    expect(run).toMatchObject({
      kind: "workflow",
      name: "test.flow",
      status: stored?.status,
      counts: stored?.counts,
      errorStep: stored?.errorStep,
      startedAt: stored?.startedAt,
      completedAt: stored?.completedAt,
      batchId: "batch_1",
      traceId: stored?.traceId,
    });
    expect(stored?.error).toMatchObject({ code: run.error?.code, message: run.error?.message });
  });

  it("keeps durations by the clock", async () => {
    const { spine, clock } = await openFlow([]);
    const slow = stub(
      "prices.slow",
      ({ clock: { setTimer } }) => new Promise<void>((resolve) => void setTimer(250, resolve)),
    );
    const opened = await openFlow([Step.pipeline("slow", keyOf(slow)), Step.lambda("quick", () => ({}))], {
      pipelines: [slow],
    });
    const running = opened.spine.workflows.run("test.flow");
    await opened.clock.advance(250);
    const run = await expectOk(running);
    expect(run.durationMs).toBe(250);
    const steps = await expectOk(opened.spine.store.history.steps(run));
    expect(steps.map(({ durationMs, startedAt, completedAt }) => [durationMs, startedAt, completedAt])).toEqual([
      [250, "2025-12-20T00:00:00.000Z", "2025-12-20T00:00:00.250Z"],
      [0, "2025-12-20T00:00:00.250Z", "2025-12-20T00:00:00.250Z"],
    ]);
    expect([clock.nowMs(), spine.workflows.list().length]).toEqual([Date.parse("2025-12-20T00:00:00Z"), 1]);
  });

  it("stores the definition, in which functions appear by version", async () => {
    const { spine, run } = await runFlow(
      [
        Step.lambda("check", () => ({}), {
          version: "3",
          onError: "continue",
          retry: { maxAttempts: 2 },
          timeoutMs: 50,
        }),
        Step.choice("route", { when: "1 < 2", then: "end" }),
        Step.lambda("end", () => ({})),
      ],
      { defaults: { tier: "OTC" } },
    );
    const { definitionHash = "" } = (await expectOk(spine.store.history.get(run))) ?? {};
    expect(await expectOk(spine.store.runs.definition({ definitionHash }))).toEqual({
      apiVersion: "spine.io/v1",
      kind: "Workflow",
      name: "test.flow",
      version: "1",
      defaults: { tier: "OTC" },
      steps: [
        {
          name: "check",
          type: "lambda",
          handler: { inline: "3" },
          onError: "continue",
          retry: { maxAttempts: 2 },
          timeoutMs: 50,
        },
        { name: "route", type: "choice", when: "1 < 2", then: "end" },
        { name: "end", type: "lambda", handler: { inline: "1" } },
      ],
    });
  });
});

describe("what a step says of itself", () => {
  it("is recorded: quality, and events under its name", async () => {
    const quality = { recordCount: 3, validCount: 2, passed: true };
    const events = [{ type: "prices.late", payload: { days: 2 } }, { type: "prices.odd" }];
    const { spine, run } = await runFlow([Step.lambda("check", () => StepResult.ok({ rows: 3 }, { quality, events }))]);
    expect(run.steps[0]?.quality).toEqual(quality);
    expect((await expectOk(spine.store.history.steps(run)))[0]?.quality).toEqual(quality);
    const stored = await expectOk(spine.store.history.events(run));
    expect(stored.filter(({ type }) => type.startsWith("prices."))).toMatchObject([
      { type: "prices.late", step: "check", payload: { days: 2 } },
      { type: "prices.odd", step: "check", payload: {} },
    ]);
  });

  it("is recorded of a step that fails as well", async () => {
    const quality = { recordCount: 3, passed: false };
    const failed = StepResult.fail("no", { quality, events: [{ type: "prices.odd" }] });
    const { spine, run } = await runFlow([Step.lambda("check", () => failed)]);
    expect((await expectOk(spine.store.history.steps(run)))[0]).toMatchObject({ status: "FAILED", quality });
    expect(await eventLines(spine, run.runId)).toContain("prices.odd check");
  });

  it("as a pipeline measures it is recorded too", async () => {
    const ingest = stub("prices.ingest", ({ quality }) => {
      quality({ recordCount: 1, passed: false });
      quality({ recordCount: 3, passed: true });
    });
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.steps[0]?.quality).toEqual({ recordCount: 3, passed: true });
  });
});

it("a pipeline's anomalies are recorded with run, step, domain and partition", async () => {
  const ingest = stub("prices.ingest", async ({ anomaly }) => {
    await expectOk(
      anomaly({ code: "NULL_VOLUME", message: "3 rows have no volume", stage: "INGEST", context: { rows: 3 } }),
    );
  });
  const { spine, run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], {
    pipelines: [ingest],
    domain: "prices",
    run: { partition: "2025-W46" },
  });
  expect(await expectOk(spine.store.anomalies.list({}))).toMatchObject([
    {
      code: "NULL_VOLUME",
      severity: "WARNING",
      message: "3 rows have no volume",
      runId: run.runId,
      step: "ingest",
      domain: "prices",
      partition: "2025-W46",
      stage: "INGEST",
      context: { rows: 3 },
    },
  ]);
});
