import type { CaptureSlot } from "@spine/core";
import { capturingLogger, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { runPipeline } from "./support/run-pipeline.ts";
import { attemptLines, eventLines } from "./support/summaries.ts";

const slot: CaptureSlot = { domain: "prices", partition: "2025-W46", stage: "INGEST", tier: "BRONZE" };

describe("commit", () => {
  it("ends the step: its output is what commit returned, whatever the pipeline returns or throws after it", async () => {
    for (const after of [() => ({ rows: 9 }), () => Promise.reject(new Error("too late"))]) {
      const { run } = await runPipeline(async ({ commit }) => {
        expect(await expectOk(commit(() => ({ rows: 3 })))).toEqual({ rows: 3 });
        return after();
      });
      expect(run).toMatchObject({ status: "COMPLETED", outputs: { ingest: { rows: 3 } } });
    }
  });

  it("completes every capture of the attempt together with the step", async () => {
    const { spine, run } = await runPipeline(async ({ capture, commit }) => {
      const [one, two] = [
        await expectOk(capture.begin(slot)),
        await expectOk(capture.begin({ ...slot, partition: "2025-W47" })),
      ];
      one.complete({ rowCount: 3, contentHash: "h1", publishedAt: "2025-12-01T00:00:00Z", metrics: { mean: 2.5 } });
      await expectOk(two.reject([{ reasonCode: "SYMBOL_EMPTY", reasonDetail: "field 2 is empty" }]));
      expect(await expectOk(capture.current(slot))).toBeUndefined();
      await expectOk(
        commit(async (tx) => {
          expect(await expectOk(tx.captures.list({ status: "RUNNING" }))).toHaveLength(2);
          return {};
        }),
      );
      expect(await expectOk(capture.current(slot))).toMatchObject({ captureId: one.captureId });
    });
    const captures = await expectOk(spine.store.captures.list({ runId: run.runId }));
    expect(captures.toSorted((a, b) => (a.partition < b.partition ? -1 : 1))).toMatchObject([
      {
        status: "COMPLETE",
        partition: "2025-W46",
        rowCount: 3,
        rejectCount: 0,
        contentHash: "h1",
        publishedAt: "2025-12-01T00:00:00.000Z",
        metrics: { mean: 2.5 },
        reason: "first",
        step: "ingest",
      },
      { status: "COMPLETE", partition: "2025-W47", rowCount: 0, rejectCount: 1, metrics: {} },
    ]);
    expect(await eventLines(spine, run.runId)).toEqual([
      "run.started",
      "step.completed ingest",
      "capture.completed ingest",
      "capture.completed ingest",
      "step.completed after",
      "run.completed",
    ]);
  });

  it("keeps an output above 64 KiB by reference, within the same transaction", async () => {
    const { run } = await runPipeline(({ commit }) => commit(() => ({ text: "x".repeat(70_000) })));
    expect(run.outputs["ingest"]).toEqual({
      $ref: expect.any(String),
      sizeBytes: 70_011,
      contentHash: expect.any(String),
    });
  });

  it("records the step's quality and attempt with it", async () => {
    const { spine, run } = await runPipeline(({ commit, quality }) => {
      quality({ recordCount: 3, passed: true });
      return commit(() => ({ rows: 3 }));
    });
    expect((await expectOk(spine.store.history.steps(run)))[0]).toMatchObject({
      status: "COMPLETED",
      quality: { recordCount: 3, passed: true },
    });
    expect(run.steps[0]?.quality).toEqual({ recordCount: 3, passed: true });
    expect(await attemptLines(spine, run.runId)).toEqual(["ingest 1 COMPLETED", "after 1 COMPLETED"]);
  });

  it("leaves a line in the log when the pipeline fails after it", async () => {
    const logger = capturingLogger();
    await runPipeline(
      async ({ commit }) => {
        await expectOk(commit(() => ({ rows: 3 })));
        throw new Error("too late");
      },
      { spine: { logger } },
    );
    expect(logger.lines).toMatchObject([
      { level: "warn", fields: { pipeline: "prices.ingest", step: "ingest", error: "too late" } },
    ]);
  });
});
