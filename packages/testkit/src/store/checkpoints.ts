import type { Instant, Transition } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCounts, buildSettlement, buildStart } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
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

export function describeCheckpoints(test: StoreTest): void {
  describe("checkpoints", () => {
    test.for([
      buildSettlement({
        output: { rows: 3 },
        updates: { tier: "OTC" },
        quality: { recordCount: 3, passed: true, custom: { spread: 0.5 } },
        next: "summary",
        order: 7,
        durationMs: 500,
      }),
      buildSettlement({ output: null, durationMs: 500 }),
      buildSettlement({ output: false, durationMs: 0.25 }),
      buildSettlement({ status: "FAILED", error: failure, attempt: 1, durationMs: 500 }),
      buildSettlement({ status: "SKIPPED", reason: "already captured", durationMs: 500 }),
    ])("a settled step reads back exactly: $status $output", async (settlement, { store, clock }) => {
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
    });

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
      const next = [buildStart({ step: "load", position: 2 }), buildStart({ step: "check", position: 1 })];
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
      expect((await expectOk(store.history.get({ runId: run.runId })))?.counts).toEqual(buildCounts({ completed: 1 }));
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

    test("a transition that is kept twice, as after a commit whose answer was lost, leaves one row of each", async ({
      store,
      clock,
    }) => {
      const { run, keep } = await startRun(store, {}, [buildStart()]);
      await clock.advance(500);
      const transition: Partial<Transition> = {
        settled: [buildSettlement({ output: 1, durationMs: 500 })],
        started: [buildStart({ step: "load", position: 1 })],
        attempts: [{ step: "fetch", attempt: 1, status: "COMPLETED", durationMs: 500 }],
      };
      await keep(transition);
      const once = [await expectOk(store.history.steps(run)), await expectOk(store.history.attempts(run))];
      await keep(transition);
      expect([await expectOk(store.history.steps(run)), await expectOk(store.history.attempts(run))]).toEqual(once);
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
          next: undefined,
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
      expect(await expectOk(store.history.events({ runId: run.runId, limit: 4000 }))).toHaveLength(3000);
    });

    test("nothing to keep is nothing kept", async ({ store }) => {
      expect(await expectOk(store.runs.checkpoint([]))).toMatchObject({
        kept: new Set(),
        at: begun,
      });
    });
  });
}
