import { type CaptureSlot, type PipelineContext, skipped } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { openFlow } from "./support/run-steps.ts";
import { keyOf, stub } from "./support/pipelines.ts";

const raw: CaptureSlot = { domain: "prices", partition: "2025-W46", stage: "INGEST", tier: "BRONZE" };
const sums: CaptureSlot = { ...raw, stage: "SUM", tier: "GOLD" };

const contentOf = (context: PipelineContext): string => String((context.params as { content?: string }).content);

/** Captures what it is told, and knows the hash only when everything is written. */
const ingest = stub("prices.ingest", async (context) => {
  const { capture, commit } = context;
  const force = (context.params as { force?: boolean }).force === true;
  const running = await expectOk(capture.begin({ ...raw, ...(force ? { reason: "forced" } : {}) }));
  const same = await expectOk(running.unchanged(contentOf(context)));
  if (same !== undefined) return skipped(`already captured as ${same.captureId}`, { captureId: same.captureId });
  running.complete({ rowCount: 1, contentHash: contentOf(context) });
  return commit(() => ({ captureId: running.captureId }));
});

/** Computes from the ingest what its first letter decides. */
const sum = stub("prices.sum", async ({ capture, commit }) => {
  const input = await expectOk(capture.require(raw));
  const contentHash = `sum of ${input.contentHash?.charAt(0) ?? ""}`;
  const inputs = [input.captureId];
  const same = await expectOk(capture.unchanged({ ...sums, contentHash, inputs }));
  if (same !== undefined) return skipped("nothing changed", { captureId: same.captureId });
  const running = await expectOk(capture.begin({ ...sums, inputs, contentHash }));
  return commit(() => ({ captureId: running.captureId }));
});

const open = () =>
  openFlow([Step.pipeline("ingest", keyOf(ingest)), Step.pipeline("sum", keyOf(sum))], { pipelines: [ingest, sum] });

type Opened = Awaited<ReturnType<typeof open>>;

async function run({ spine, clock }: Opened, content: string, more: Readonly<Record<string, unknown>> = {}) {
  await clock.advance(60_000);
  const ran = await expectOk(spine.workflows.run("test.flow", { params: { content, ...more } }));
  return ran.steps.map(({ status }) => status);
}

describe("content that is there already", () => {
  it("makes no capture, and the look is noted", async () => {
    const opened = await open();
    await run(opened, "a1");
    expect(await run(opened, "a1")).toEqual(["SKIPPED", "SKIPPED"]);
    const { captures } = opened.spine;
    expect(await expectOk(captures.list({ domain: "prices", status: "COMPLETE" }))).toHaveLength(2);
    expect(await expectOk(captures.list({ status: "UNCHANGED" }))).toMatchObject([
      { stage: "INGEST", sameAs: "cap_000001" },
    ]);
    const events = await expectOk(opened.spine.store.history.events({}));
    expect(
      events.filter(({ type }) => type === "capture.unchanged").map(({ payload }) => payload["captureId"]),
    ).toEqual(["cap_000001", "cap_000002"]);
  });

  it("is captured again when forced, and makes nothing stale", async () => {
    const opened = await open();
    await run(opened, "a1");
    expect(await run(opened, "a1", { force: true })).toEqual(["COMPLETED", "SKIPPED"]);
    expect(await expectOk(opened.spine.captures.resolve(raw))).toMatchObject({
      reason: "forced",
      supersedes: "cap_000001",
    });
    expect(await expectOk(opened.spine.captures.list({ stale: true }))).toEqual([]);
  });
});

describe("a restatement", () => {
  it("makes what was computed from the old content stale, tells so, and a computation repairs it", async () => {
    const opened = await open();
    await run(opened, "a1");
    const restated = await expectOk(opened.spine.run("prices.ingest", { params: { content: "b1" } }));
    const { captures, store } = opened.spine;
    expect(await expectOk(captures.list({ stale: true }))).toMatchObject([{ stage: "SUM", staleBy: "cap_000003" }]);
    const events = await expectOk(store.history.events({ runId: restated.runId }));
    expect(events.find(({ type }) => type === "capture.restated")?.payload).toMatchObject({
      captureId: "cap_000003",
      supersedes: "cap_000001",
      staled: 1,
    });
    await expectOk(opened.spine.run("prices.sum"));
    expect(await expectOk(captures.resolve(sums))).toMatchObject({ captureId: "cap_000004", staleAt: undefined });
    const { nodes } = await expectOk(captures.upstreamOf("cap_000004"));
    expect(nodes.map(({ captureId }) => captureId)).toEqual(["cap_000003"]);
  });

  it("that changes nothing further on leaves no new version there, and nothing stale", async () => {
    const opened = await open();
    await run(opened, "a1");
    expect(await run(opened, "a2")).toEqual(["COMPLETED", "SKIPPED"]);
    const { captures } = opened.spine;
    expect(await expectOk(captures.resolve(sums))).toMatchObject({ captureId: "cap_000002", staleAt: undefined });
    const { nodes } = await expectOk(captures.upstreamOf("cap_000002"));
    expect(nodes.map(({ captureId }) => captureId).toSorted()).toEqual(["cap_000001", "cap_000003"]);
  });
});

describe("a run as of an earlier day", () => {
  it("computes from what was there then, step after step, and is nobody's present", async () => {
    const opened = await open();
    await run(opened, "a1");
    await run(opened, "b1");
    const { spine } = opened;
    const asOf = "2025-12-20T00:01:30Z";
    const again = await expectOk(spine.run("prices.sum", { asOf }));
    expect(again.status).toBe("COMPLETED");
    const rerun = await expectOk(spine.workflows.run("test.flow", { asOf, params: { content: "c1" } }));
    const own = await expectOk(spine.captures.resolve({ ...sums, asOf, runId: rerun.runId }));
    // It read its own ingest, not the one of that day.
    expect(own).toMatchObject({ contentHash: "sum of c", runId: rerun.runId, asOf: "2025-12-20T00:01:30.000Z" });
    expect(await expectOk(spine.captures.resolve({ ...sums, asOf }))).toMatchObject({ contentHash: "sum of a" });
    expect(await expectOk(spine.captures.resolve(sums))).toMatchObject({ contentHash: "sum of b", staleAt: undefined });
  });
});

describe("history", () => {
  const load = stub("prices.load", async ({ params, capture, commit }) => {
    const { content, publishedAt } = params as { content: string; publishedAt?: string };
    const running = await capture.begin({ ...raw, contentHash: content, publishedAt, imported: true });
    return running.isErr() ? running : commit(() => ({ captureId: running.value.captureId }));
  });

  it("loaded in any order is found as it was known then", async () => {
    const { spine } = await openFlow([Step.pipeline("load", keyOf(load))], { pipelines: [load] });
    for (const [content, day] of [
      ["second", "08"],
      ["third", "15"],
      ["first", "01"],
    ])
      await expectOk(spine.run("prices.load", { params: { content, publishedAt: `2025-12-${day}T12:00:00Z` } }));
    const seen = async (day: string) =>
      (await expectOk(spine.captures.resolve({ ...raw, asOf: `2025-12-${day}T12:00:00Z` })))?.contentHash;
    expect([await seen("30"), await seen("14"), await seen("08"), await seen("07")]).toEqual([
      "third",
      "second",
      "second",
      "first",
    ]);
    expect(await expectOk(spine.captures.resolve(raw))).toMatchObject({ contentHash: "third", imported: true });
  });

  it("must say when it was published, and cannot lie in the future", async () => {
    const { spine } = await openFlow([Step.pipeline("load", keyOf(load))], { pipelines: [load] });
    const unsaid = await expectOk(spine.run("prices.load", { params: { content: "x" } }));
    expect(unsaid.error).toMatchObject({ code: "CAPTURE_IMPORT_INVALID" });
    const future = await expectOk(
      spine.run("prices.load", { params: { content: "x", publishedAt: "2030-01-01T00:00:00Z" } }),
    );
    expect(future.error).toMatchObject({ code: "CAPTURE_IMPORT_INVALID" });
  });
});

it("a script can record captures by itself, held by its process", async () => {
  const { spine } = await open();
  const { captures } = spine;
  expect(await expectOk(captures.checkComplete("prices", "2025-W46", "INGEST", "BRONZE"))).toBe(false);
  const started = await expectOk(captures.recordStart(raw));
  expect(started).toMatchObject({ owner: "own_000001", leaseUntil: "2025-12-20T00:01:00.000Z" });
  await expectErr(captures.recordStart(raw), "CAPTURE_HELD");
  await expectOk(captures.recordComplete(started.captureId, 3));
  expect(await expectOk(captures.checkComplete("prices", "2025-W46", "INGEST", "BRONZE"))).toBe(true);
});
