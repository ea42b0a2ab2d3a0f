import type { Instant } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCounts, buildRun, buildStart } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

const begun = "2025-12-20T00:00:00.000Z" as Instant;

export function describeRuns(test: StoreTest): void {
  describe("creating runs", () => {
    test("a created run is RUNNING, owned, and reads back as it was given", async ({ store }) => {
      const run = buildRun({
        partition: "week=2025-12-19",
        asOf: begun,
        params: { week: "2025-12-19", limit: 3, nested: { list: [1, null, true] } },
        counts: buildCounts({ total: 4 }),
        parentRunId: "run_parent",
        batchId: "batch_1",
        dryRun: true,
        idempotencyKey: "2025-12-19",
        rerunOf: "run_000000",
        rerunFrom: "load",
        priority: 3,
        concurrencyKey: "feed",
      });
      const created = await expectOk(store.runs.create({ run, started: [], events: [] }));
      const { definition: _, ...facts } = run;

      expect(created.at).toBe(begun);
      expect(await expectOk(store.history.get({ runId: run.runId }))).toEqual({
        ...facts,
        status: "RUNNING",
        fence: created.fence,
        startedAt: begun,
        completedAt: undefined,
        durationMs: undefined,
        error: undefined,
        errorStep: undefined,
        dueAt: undefined,
        requested: undefined,
      });
    });

    test("what a run has not reads as undefined", async ({ store }) => {
      const { run } = await startRun(store, { domain: undefined, partition: undefined });
      const record = await expectOk(store.history.get({ runId: run.runId }));
      expect([record?.domain, record?.partition, record?.asOf, record?.batchId, record?.parentRunId]).toEqual(
        Array.from({ length: 5 }),
      );
    });

    test("an id in use is refused and its run stays as it is", async ({ store }) => {
      await startRun(store, { runId: "run_1", name: "first" });
      const second = {
        run: buildRun({ runId: "run_1", name: "second" }),
        started: [buildStart()],
        events: [],
      };
      await expectErr(store.runs.create(second), "INTEGRITY_VIOLATED");
      expect((await expectOk(store.history.get({ runId: "run_1" })))?.name).toBe("first");
      expect(await expectOk(store.history.steps({ runId: "run_1" }))).toEqual([]);
    });

    test("its first steps and events belong to the same commit", async ({ store }) => {
      const events = [
        { type: "run.started", payload: { by: "test" } },
        { type: "step.started", step: "fetch", payload: {} },
      ];
      await expectOk(store.runs.create({ run: buildRun({ runId: "run_1" }), started: [buildStart()], events }));
      const [step] = await expectOk(store.history.steps({ runId: "run_1" }));
      expect(step).toMatchObject({
        runId: "run_1",
        step: "fetch",
        status: "RUNNING",
        attempt: 1,
        startedAt: begun,
      });
      expect(await expectOk(store.history.events({ runId: "run_1" }))).toMatchObject([
        { type: "run.started", step: undefined, at: begun, payload: { by: "test" } },
        { type: "step.started", step: "fetch", at: begun, payload: {} },
      ]);
    });

    test("a definition is kept once under its hash", async ({ store }) => {
      const definition = { name: "prices.daily", steps: ["fetch"] };
      await startRun(store, { runId: "run_1", definitionHash: "hash-1", definition });
      await startRun(store, { runId: "run_2", definitionHash: "hash-1", definition });
      expect(await expectOk(store.runs.definition({ definitionHash: "hash-1" }))).toEqual(definition);
      expect(await expectOk(store.runs.definition({ definitionHash: "hash-2" }))).toBeUndefined();
    });

    test("a run that is not there reads as nothing", async ({ store }) => {
      expect(await expectOk(store.history.get({ runId: "run_x" }))).toBeUndefined();
      expect(await expectOk(store.history.steps({ runId: "run_x" }))).toEqual([]);
      expect(await expectOk(store.history.attempts({ runId: "run_x" }))).toEqual([]);
      expect(await expectOk(store.history.events({ runId: "run_x" }))).toEqual([]);
    });
  });
}
