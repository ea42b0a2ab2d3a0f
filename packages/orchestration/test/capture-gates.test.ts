import {
  type CaptureSlot,
  type CheckStatus,
  defineCheck,
  defineGate,
  type Gate,
  memory,
  orThrow,
  type Pipeline,
  skipped,
} from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { openFlow, runFlow } from "./support/run-steps.ts";
import { keyOf, stub } from "./support/pipelines.ts";

const slot: CaptureSlot = { domain: "prices", partition: "2025-W46", stage: "INGEST", tier: "BRONZE" };

const rows = defineCheck<{ readonly rows: number }>({
  name: "rows",
  category: "COMPLETENESS",
  check: ({ subject }) => ({
    status: statusOf(subject.rows),
    message: `${subject.rows} rows`,
    actual: subject.rows,
    expected: 10,
  }),
});

function statusOf(count: number): CheckStatus {
  if (count >= 10) return "PASS";
  return count >= 5 ? "WARN" : "FAIL";
}

const blocking = defineGate({ name: "prices.rows", checks: [rows] });
const quarantining = defineGate({ name: "prices.rows", checks: [rows], onFail: "quarantine" });

/** A pipeline that captures `params.rows` rows through a gate. */
function gated(gate: Gate<{ readonly rows: number }>): Pipeline {
  return stub("prices.ingest", async ({ params, capture, commit }) => {
    const count = (params as { rows?: number }).rows ?? 0;
    const running = await expectOk(capture.begin(slot));
    running.complete({ rowCount: count, contentHash: `rows-${count}` });
    const verdict = await running.gate(gate, { rows: count });
    if (verdict.isErr()) return verdict;
    return commit(() => ({ captureId: running.captureId, decision: verdict.value.decision }));
  });
}

describe("a gate", () => {
  it.each([
    { count: 10, gate: blocking, decision: "PASS" },
    { count: 5, gate: blocking, decision: "WARN" },
  ])("that says $decision lets the capture through and keeps what it found", async ({ count, gate, decision }) => {
    const pipeline = gated(gate);
    const { run, spine } = await runFlow([Step.pipeline("ingest", keyOf(pipeline))], {
      pipelines: [pipeline],
      run: { params: { rows: count } },
    });
    expect(run.outputs["ingest"]).toEqual({ captureId: "cap_000001", decision });
    expect(await expectOk(spine.captures.resolve(slot))).toMatchObject({ captureId: "cap_000001", gate: decision });
    expect(await expectOk(spine.store.quality.results({ captureId: "cap_000001" }))).toMatchObject([
      { gate: "prices.rows", check: "rows", status: decision, actual: count, expected: 10, step: "ingest" },
    ]);
  });

  it("that quarantines completes the step, and readers go on with the capture before", async () => {
    const pipeline = gated(quarantining);
    const { spine } = await openFlow([Step.pipeline("ingest", keyOf(pipeline))], { pipelines: [pipeline] });
    await expectOk(spine.workflows.run("test.flow", { params: { rows: 10 } }));
    const run = await expectOk(spine.workflows.run("test.flow", { params: { rows: 1 } }));
    expect(run.status).toBe("COMPLETED");
    expect(await expectOk(spine.captures.resolve(slot))).toMatchObject({ captureId: "cap_000001" });
    expect(await expectOk(spine.captures.get("cap_000002"))).toMatchObject({
      status: "COMPLETE",
      gate: "QUARANTINE",
      availableAt: undefined,
    });
    const events = await expectOk(spine.store.history.events({ runId: run.runId }));
    expect(events.map(({ type }) => type)).toContain("capture.quarantined");
  });

  it("that blocks fails the step, keeps the capture from readers and tells the event log", async () => {
    const pipeline = gated(blocking);
    const { spine } = await openFlow([Step.pipeline("ingest", keyOf(pipeline))], { pipelines: [pipeline] });
    const run = await expectOk(spine.workflows.run("test.flow", { params: { rows: 1 } }));
    expect(run).toMatchObject({ status: "FAILED", error: { code: "QUALITY_GATE_FAILED", category: "VALIDATION" } });
    expect(run.error?.message).toContain("rows");
    expect(await expectOk(spine.captures.resolve(slot))).toBeUndefined();
    expect(await expectOk(spine.captures.get("cap_000001"))).toMatchObject({ status: "COMPLETE", gate: "BLOCK" });
    const events = await expectOk(spine.store.history.events({ runId: run.runId }));
    expect(events.find(({ type }) => type === "capture.blocked")?.payload).toMatchObject({
      captureId: "cap_000001",
      gate: "prices.rows",
    });
  });
});

describe("what depends on a blocked partition", () => {
  const ingest = gated(blocking);
  const derive = stub("prices.derive", async ({ capture }) => capture.require(slot));
  const open = () =>
    openFlow([Step.pipeline("ingest", keyOf(ingest)), Step.pipeline("derive", keyOf(derive))], {
      pipelines: [ingest, derive],
    });

  it("waits, although there is an earlier capture; other partitions go on", async () => {
    const { spine } = await open();
    await expectOk(spine.workflows.run("test.flow", { params: { rows: 10 } }));
    await expectOk(spine.workflows.run("test.flow", { params: { rows: 1 } }));
    const blocked = await expectOk(spine.run("prices.derive"));
    expect(blocked.error).toMatchObject({ code: "PARTITION_BLOCKED", context: { captureId: "cap_000002" } });
    expect(await expectOk(spine.captures.resolve(slot))).toMatchObject({ captureId: "cap_000001" });
  });

  it("goes on when a later capture passes", async () => {
    const { spine } = await open();
    await expectOk(spine.workflows.run("test.flow", { params: { rows: 1 } }));
    const repaired = await expectOk(spine.workflows.run("test.flow", { params: { rows: 11 } }));
    expect(repaired).toMatchObject({ status: "COMPLETED", outputs: { derive: { captureId: "cap_000002" } } });
  });

  it("goes on when the content from before the blocked one is found again", async () => {
    const asking = stub("prices.ingest", async ({ params, capture, commit }) => {
      const { rows: count = 0 } = params as { rows?: number };
      const contentHash = `${count} rows`;
      const present = await expectOk(capture.unchanged({ ...slot, contentHash }));
      if (present !== undefined) return skipped("nothing new");
      const running = await expectOk(capture.begin({ ...slot, contentHash }));
      await orThrow(running.gate(blocking, { rows: count }));
      return commit(() => ({ captureId: running.captureId }));
    });
    const { spine } = await openFlow([Step.pipeline("ingest", keyOf(asking)), Step.pipeline("derive", keyOf(derive))], {
      pipelines: [asking, derive],
    });
    for (const count of [10, 1]) await expectOk(spine.workflows.run("test.flow", { params: { rows: count } }));
    expect((await expectOk(spine.run("prices.derive"))).error?.code).toBe("PARTITION_BLOCKED");
    const resent = await expectOk(spine.workflows.run("test.flow", { params: { rows: 10 } }));
    expect(resent).toMatchObject({ status: "COMPLETED", outputs: { derive: { captureId: "cap_000003" } } });
    expect(await expectOk(spine.captures.get("cap_000003"))).toMatchObject({ reason: "restored", gate: "PASS" });
    const again = await expectOk(spine.run("prices.ingest", { params: { rows: 10 } }));
    expect(again.steps[0]?.status).toBe("SKIPPED");
  });

  it("goes on when somebody releases the capture", async () => {
    const { spine } = await open();
    await expectOk(spine.workflows.run("test.flow", { params: { rows: 1 } }));
    await expectOk(spine.captures.release("cap_000001", { by: "ann", why: "a holiday week" }));
    const derived = await expectOk(spine.run("prices.derive"));
    expect(derived.outputs).toMatchObject({ derive: { captureId: "cap_000001", gate: "PASS" } });
    await expectErr(spine.captures.release("cap_000001", { by: "ann", why: "again" }), "CAPTURE_NOT_HELD_BACK");
  });

  it("says so when there is nothing at all", async () => {
    const { spine } = await open();
    const run = await expectOk(spine.run("prices.derive"));
    expect(run.error).toMatchObject({ code: "CAPTURE_NOT_FOUND" });
  });
});

it("the strictest of several gates counts", async () => {
  const twice = stub("prices.ingest", async ({ capture, commit }) => {
    const running = await expectOk(capture.begin(slot));
    await expectOk(running.gate(quarantining, { rows: 1 }));
    await expectOk(running.gate(blocking, { rows: 10 }));
    return commit(() => ({ captureId: running.captureId }));
  });
  const { spine } = await runFlow([Step.pipeline("ingest", keyOf(twice))], {
    pipelines: [twice],
    spine: { store: memory() },
  });
  expect(await expectOk(spine.captures.get("cap_000001"))).toMatchObject({ gate: "QUARANTINE" });
});
