import type { Instant } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCounts, buildRun, buildSettlement, buildStart } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

const begun = "2025-12-20T00:00:00.000Z" as Instant;
const halfASecondLater = "2025-12-20T00:00:00.500Z";
const failure = {
  name: "SourceError",
  code: "SOURCE_NOT_FOUND",
  category: "SOURCE",
  message: "/data/prices.csv does not exist.",
  retryable: false,
  context: { path: "/data/prices.csv" },
} as const;

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
      });
    });

    test("what a run has not reads as undefined", async ({ store }) => {
      const { run } = await startRun(store, { domain: undefined, partition: undefined });
      const record = await expectOk(store.history.get({ runId: run.runId }));
      expect([
        record?.domain,
        record?.partition,
        record?.asOf,
        record?.batchId,
        record?.parentRunId,
      ]).toEqual(Array.from({ length: 5 }));
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
      await expectOk(
        store.runs.create({ run: buildRun({ runId: "run_1" }), started: [buildStart()], events }),
      );
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
      expect(await expectOk(store.runs.definition({ definitionHash: "hash-1" }))).toEqual(
        definition,
      );
      expect(await expectOk(store.runs.definition({ definitionHash: "hash-2" }))).toBeUndefined();
    });

    test("a run that is not there reads as nothing", async ({ store }) => {
      expect(await expectOk(store.history.get({ runId: "run_x" }))).toBeUndefined();
      expect(await expectOk(store.history.steps({ runId: "run_x" }))).toEqual([]);
      expect(await expectOk(store.history.attempts({ runId: "run_x" }))).toEqual([]);
      expect(await expectOk(store.history.events({ runId: "run_x" }))).toEqual([]);
    });
  });

  describe("checkpoints", () => {
    test.for([
      buildSettlement({
        output: { rows: 3 },
        updates: { tier: "OTC" },
        quality: { recordCount: 3, passed: true, custom: { spread: 0.5 } },
        order: 7,
        durationMs: 500,
      }),
      buildSettlement({ output: null, durationMs: 500 }),
      buildSettlement({ output: false, durationMs: 0.25 }),
      buildSettlement({ status: "FAILED", error: failure, attempt: 1, durationMs: 500 }),
      buildSettlement({ status: "SKIPPED", reason: "already captured", durationMs: 500 }),
    ])(
      "a settled step reads back exactly: $status $output",
      async (settlement, { store, clock }) => {
        const { run, keep } = await startRun(store, {}, [buildStart()]);
        await clock.advance(500);
        await keep({ settled: [settlement] });
        expect(await expectOk(store.history.steps({ runId: run.runId }))).toEqual([
          {
                          output: undefined,
              updates: undefined,
              error: undefined,
              reason: undefined,
              quality: undefined,
            ...settlement,
            runId: run.runId,
            startedAt: begun,
            completedAt: halfASecondLater,
          },
        ]);
      },
    );

    test("a step that was passed over was never started", async ({ store }) => {
      const { run, keep } = await startRun(store);
      await keep({
        settled: [buildSettlement({ status: "SKIPPED", attempt: 0, reason: "branch not taken" })],
      });
      const [step] = await expectOk(store.history.steps({ runId: run.runId }));
      expect(step).toMatchObject({
        status: "SKIPPED",
        attempt: 0,
        startedAt: undefined,
        completedAt: begun,
        durationMs: undefined,
      });
    });

    test("one commit settles a step and starts the next ones", async ({ store, clock }) => {
      const { run, own } = await startRun(store, {}, [buildStart()]);
      await clock.advance(500);
      const next = [
        buildStart({ step: "load", position: 2 }),
        buildStart({ step: "check", position: 1 }),
      ];
      const result = await expectOk(
        store.runs.checkpoint([
          own({
            settled: [buildSettlement()],
            started: next,
            counts: buildCounts({ completed: 1 }),
          }),
        ]),
      );
      expect([...result.kept]).toEqual([run.runId]);
      expect(result.at).toBe(halfASecondLater);
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toMatchObject([
        { step: "fetch", position: 0, status: "COMPLETED" },
        { step: "check", position: 1, status: "RUNNING", startedAt: halfASecondLater },
        { step: "load", position: 2, status: "RUNNING", startedAt: halfASecondLater },
      ]);
      expect((await expectOk(store.history.get({ runId: run.runId })))?.counts).toEqual(
        buildCounts({ completed: 1 }),
      );
    });

    test("each try has a row, and the step counts them", async ({ store, clock }) => {
      const { run, keep } = await startRun(store, {}, [buildStart()]);
      await clock.advance(500);
      const first = {
        step: "fetch",
        attempt: 1,
        status: "FAILED",
        durationMs: 500,
        error: failure,
      } as const;
      await keep({ attempts: [first], started: [buildStart({ attempt: 2 })] });
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toMatchObject([
        { status: "RUNNING", attempt: 2 },
      ]);

      await clock.advance(250);
      const second = { step: "fetch", attempt: 2, status: "COMPLETED", durationMs: 250 } as const;
      await keep({
        attempts: [second],
        settled: [buildSettlement({ attempt: 2, durationMs: 250 })],
      });
      const attempts = await expectOk(store.history.attempts({ runId: run.runId }));
      expect(attempts.toSorted((a, b) => a.attempt - b.attempt)).toEqual([
        { ...first, runId: run.runId, startedAt: begun, completedAt: halfASecondLater },
        {
          ...second,
          runId: run.runId,
          startedAt: halfASecondLater,
          completedAt: "2025-12-20T00:00:00.750Z",
          error: undefined,
        },
      ]);
    });

    test("a step that starts again forgets its last end", async ({ store }) => {
      const { run, keep } = await startRun(store, {}, [buildStart()]);
      await keep({
        settled: [buildSettlement({ status: "FAILED", error: failure, output: 1, durationMs: 5 })],
      });
      await keep({ started: [buildStart({ attempt: 2 })] });
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toEqual([
        {
          ...buildStart({ attempt: 2 }),
                      runId: run.runId,
            status: "RUNNING",
            startedAt: begun,
            completedAt: undefined,
            durationMs: undefined,
                      output: undefined,
            updates: undefined,
            error: undefined,
            reason: undefined,
            quality: undefined,
            order: undefined,
        },
      ]);
    });

    test.for(["COMPLETED", "FAILED", "PARTIAL", "CANCELLED"] as const)(
      "a run ends %s",
      async (status, { store, clock }) => {
        const { run, keep } = await startRun(store);
        await clock.advance(500);
        await keep({
          counts: buildCounts({ failed: 1 }),
          end: {
            status,
            durationMs: 500,
            ...(status === "FAILED" ? { error: failure, errorStep: "fetch" } : {}),
          },
        });
        expect(await expectOk(store.history.get({ runId: run.runId }))).toMatchObject({
          status,
          completedAt: halfASecondLater,
          durationMs: 500,
          owner: undefined,
          error: status === "FAILED" ? failure : undefined,
          errorStep: status === "FAILED" ? "fetch" : undefined,
          counts: buildCounts({ failed: 1 }),
        });
      },
    );

    test("a transition may be large", async ({ store }) => {
      const { run, keep } = await startRun(store);
      const steps = Array.from({ length: 3000 }, (_, position) => ({
        step: `step-${position}`,
        position,
      }));
      await keep({
        started: steps.map(buildStart),
        events: steps.map(({ step }) => ({ type: "step.started", step, payload: { step } })),
      });
      await keep({
        settled: steps.map(({ step, position }) =>
          buildSettlement({ step, position, order: position, output: position }),
        ),
      });
      const settled = await expectOk(store.history.steps({ runId: run.runId }));
      expect(settled.map(({ step, output }) => [step, output])).toEqual(
        steps.map(({ step, position }) => [step, position]),
      );
      expect(await expectOk(store.history.events({ runId: run.runId, limit: 4000 }))).toHaveLength(
        3000,
      );
    });

    test("nothing to keep is nothing kept", async ({ store }) => {
      expect(await expectOk(store.runs.checkpoint([]))).toMatchObject({
        kept: new Set(),
        at: begun,
      });
    });
  });
}
