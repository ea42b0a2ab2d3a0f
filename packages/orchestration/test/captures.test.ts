import { type CaptureSlot, memory, type PipelineContext, type RunningCapture, type StoreProvider } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { createGate } from "./support/gate.ts";
import type { OpenedSpine } from "./support/open-spine.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openProcess } from "./support/processes.ts";
import { flow, openFlow, runFlow } from "./support/run-steps.ts";

const slot: CaptureSlot = { domain: "prices", partition: "2025-W46", stage: "INGEST", tier: "BRONZE" };

/** A process whose pipeline begins a capture, then does this, then commits. */
function capturing(
  store: StoreProvider,
  minutes: number,
  name: string,
  then: (context: PipelineContext) => Promise<void>,
): Promise<OpenedSpine> {
  const ingest = stub("prices.ingest", async (context) => {
    const running = await expectOk(context.capture.begin(slot));
    await then(context);
    running.complete({ rowCount: 3 });
    return context.commit(() => ({ captureId: running.captureId }));
  });
  return openProcess(store, {
    workflows: [flow([Step.pipeline("ingest", keyOf(ingest))])],
    pipelines: [ingest],
    name,
    minutes,
  });
}

const nothing = (): Promise<void> => Promise.resolve();

describe("a capture that another run is writing", () => {
  it("is CAPTURE_HELD while that run's process lives, and may be tried again", async () => {
    const gate = createGate();
    const store = memory();
    const first = await capturing(store, 0, "a", () => gate.opened);
    const second = await capturing(store, 0, "b", nothing);
    const running = first.spine.workflows.run("test.flow");
    await first.clock.advance(0);
    const run = await expectOk(second.spine.workflows.run("test.flow"));
    expect(run).toMatchObject({ status: "FAILED", error: { code: "CAPTURE_HELD", retryable: true } });
    expect(run.error?.message).toContain(
      "prices 2025-W46 INGEST/BRONZE is held by capture cap_a_000001 of run run_a_000001, owner own_a_000001 since 2025-12-20T00:00:00.000Z.",
    );
    gate.open();
    expect(await expectOk(running)).toMatchObject({ status: "COMPLETED" });
    expect(await expectOk(second.spine.workflows.run("test.flow"))).toMatchObject({ status: "COMPLETED" });
  });

  it("is CAPTURE_HELD in the same process as well", async () => {
    const gate = createGate();
    let first = true;
    const { spine, clock } = await capturing(memory(), 0, "a", async () => {
      if (!first) return;
      first = false;
      await gate.opened;
    });
    const running = spine.workflows.run("test.flow");
    await clock.advance(0);
    expect(await expectOk(spine.workflows.run("test.flow"))).toMatchObject({
      status: "FAILED",
      error: { code: "CAPTURE_HELD" },
    });
    gate.open();
    expect(await expectOk(running)).toMatchObject({ status: "COMPLETED" });
  });

  it("is taken over from a process that is gone; were it alive after all, its commit fails whole", async () => {
    const gate = createGate();
    const store = memory();
    const first = await capturing(store, 0, "a", () => gate.opened);
    const running = first.spine.workflows.run("test.flow");
    await first.clock.advance(0);
    const second = await capturing(store, 2, "b", nothing);
    const run = await expectOk(second.spine.workflows.run("test.flow"));
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { ingest: { captureId: "cap_b_000001" } } });
    expect(await expectOk(second.spine.store.captures.get({ captureId: "cap_a_000001" }))).toMatchObject({
      status: "FAILED",
      error:
        "Taken over from capture cap_a_000001 of run run_a_000001, owner own_a_000001: its lease ran out at 2025-12-20T00:01:00.000Z.",
    });
    gate.open();
    await first.clock.advance(0);
    expect(await expectOk(running)).toMatchObject({ status: "FAILED", error: { code: "CAPTURE_NOT_RUNNING" } });
    expect(await expectOk(second.spine.store.captures.resolve(slot))).toMatchObject({ captureId: "cap_b_000001" });
  });

  it("is not taken over when nobody knows whose it is", async () => {
    const { spine } = await capturing(memory(), 0, "a", nothing);
    await expectOk(spine.store.captures.start({ ...slot, captureId: "cap_by_hand" }));
    expect(await expectOk(spine.workflows.run("test.flow"))).toMatchObject({
      status: "FAILED",
      error: { code: "CAPTURE_HELD" },
    });
  });
});

describe("a capture of an attempt that has ended", () => {
  it("takes no more rows, rejects or captures", async () => {
    const kept: { running?: RunningCapture; context?: PipelineContext } = {};
    const ingest = stub("prices.ingest", async (context) => {
      kept.running = await expectOk(context.capture.begin(slot));
      kept.context = context;
      throw new Error("no");
    });
    await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    if (kept.running === undefined || kept.context === undefined) throw new Error("The pipeline did not run.");
    const reject = kept.running.reject([{ reasonCode: "X", reasonDetail: "x" }]);
    const error = await expectErr(reject, "CAPTURE_NOT_RUNNING");
    expect(error.message).toBe(
      "The attempt that works on prices 2025-W46 INGEST has ended, so it writes nothing more.",
    );
    await expectErr(kept.running.insert("prices", [{ symbol: "SPY" }]), "CAPTURE_NOT_RUNNING");
    await expectErr(kept.context.capture.begin({ ...slot, partition: "2025-W47" }), "CAPTURE_NOT_RUNNING");
    await expectErr(
      kept.context.commit(() => ({})),
      "CANCELLED",
    );
  });

  it("without commit is FAILED: a pipeline that returns has not captured anything", async () => {
    const ingest = stub("prices.ingest", async ({ capture }) => {
      const running = await expectOk(capture.begin(slot));
      running.complete({ rowCount: 3 });
      return { rows: 3 };
    });
    const { spine, run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.status).toBe("COMPLETED");
    expect(await expectOk(spine.store.captures.list({}))).toMatchObject([
      { status: "FAILED", error: "The step ended without commit." },
    ]);
  });

  it("after commit takes no more either", async () => {
    const codes: string[] = [];
    const ingest = stub("prices.ingest", async ({ capture, commit }) => {
      const running = await expectOk(capture.begin(slot));
      await expectOk(commit(() => ({})));
      codes.push(
        (await expectErr(running.reject([{ reasonCode: "X", reasonDetail: "x" }]), "CAPTURE_NOT_RUNNING")).code,
      );
    });
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect([run.status, ...codes]).toEqual(["COMPLETED", "CAPTURE_NOT_RUNNING"]);
  });
});

describe("a run as of an earlier day", () => {
  it("reads what was there then, and what it captures is nobody else's present", async () => {
    const seen: unknown[] = [];
    const ingest = stub("prices.ingest", async ({ capture, commit }) => {
      seen.push((await expectOk(capture.current(slot)))?.captureId);
      const running = await expectOk(capture.begin(slot));
      running.complete({ rowCount: 3 });
      return commit(() => ({ captureId: running.captureId }));
    });
    const { spine, clock } = await openFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    await expectOk(spine.workflows.run("test.flow"));
    await clock.advance(86_400_000);
    await expectOk(spine.workflows.run("test.flow"));
    await expectOk(spine.workflows.run("test.flow", { asOf: "2025-12-20T12:00:00Z" }));
    await expectOk(spine.workflows.run("test.flow", { asOf: "2025-12-19T12:00:00Z" }));
    expect(seen).toEqual([undefined, "cap_000001", "cap_000001", undefined]);
    expect(await expectOk(spine.store.captures.resolve(slot))).toMatchObject({
      captureId: "cap_000002",
      supersedes: "cap_000001",
    });
    expect(await expectOk(spine.store.captures.get({ captureId: "cap_000003" }))).toMatchObject({
      asOf: "2025-12-20T12:00:00.000Z",
      supersedes: undefined,
    });
  });
});

it("a capture knows which captures it was computed from", async () => {
  const derive = stub("prices.derive", async ({ capture, commit }) => {
    const running = await expectOk(capture.begin({ ...slot, stage: "NORMALIZE", inputs: ["cap_1", "cap_2"] }));
    return commit(() => ({ captureId: running.captureId }));
  });
  const { spine } = await runFlow([Step.pipeline("derive", keyOf(derive))], { pipelines: [derive] });
  const edges = await expectOk(spine.store.captures.edges({ captureId: "cap_000001", direction: "up", nearest: true }));
  expect(edges.map(({ input }) => input).toSorted()).toEqual(["cap_1", "cap_2"]);
});

it("a publication time that cannot be read refuses the capture", async () => {
  const ingest = stub("prices.ingest", ({ capture }) => capture.begin({ ...slot, publishedAt: "last week" }));
  const { run, spine } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
  expect(run.error).toMatchObject({ code: "INSTANT_INVALID" });
  expect(await expectOk(spine.store.captures.list({}))).toEqual([]);
});
