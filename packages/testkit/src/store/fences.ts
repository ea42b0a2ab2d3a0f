import { describe, expect } from "vitest";
import { buildCounts, buildSettlement, buildStart, buildTransition } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

/** Leaves a trace in every table a transition writes to. */
const traces = {
  settled: [buildSettlement({ output: "late" })],
  started: [buildStart({ step: "late", position: 1 })],
  attempts: [{ step: "fetch", attempt: 1, status: "COMPLETED", durationMs: 1 }],
  events: [{ type: "late", payload: {} }],
  counts: buildCounts({ completed: 1 }),
} as const;

export function describeFences(test: StoreTest): void {
  describe("fences", () => {
    test.for([
      ["another owner", { owner: "owner-b" }],
      ["an older fence", { fence: -1 }],
      ["a newer fence", { fence: 1000 }],
    ] as const)("a transition of %s leaves no trace", async ([, stranger], { store }) => {
      const { run, own } = await startRun(store, {}, [buildStart()]);
      const { kept } = await expectOk(
        store.runs.checkpoint([own({ ...traces, ...stranger, end: { status: "COMPLETED", durationMs: 1 } })]),
      );
      expect([...kept]).toEqual([]);
      expect(await expectOk(store.history.get({ runId: run.runId }))).toMatchObject({
        status: "RUNNING",
        owner: "owner-a",
        counts: run.counts,
        completedAt: undefined,
      });
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toMatchObject([
        { step: "fetch", status: "RUNNING" },
      ]);
      expect(await expectOk(store.history.attempts({ runId: run.runId }))).toEqual([]);
      expect(await expectOk(store.history.events({ runId: run.runId }))).toEqual([]);
    });

    test("a run that ended keeps nothing more, even from its last owner", async ({ store }) => {
      const { run, own, keep } = await startRun(store, {}, [buildStart()]);
      await keep({ end: { status: "CANCELLED", durationMs: 1 } });
      expect((await expectOk(store.runs.checkpoint([own(traces)]))).kept.size).toBe(0);
      expect(await expectOk(store.history.get({ runId: run.runId }))).toMatchObject({
        status: "CANCELLED",
      });
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toMatchObject([
        { step: "fetch", status: "RUNNING" },
      ]);
    });

    test("a run that is not there keeps nothing", async ({ store }) => {
      const { kept } = await expectOk(store.runs.checkpoint([buildTransition({ runId: "run_x", ...traces })]));
      expect(kept.size).toBe(0);
      expect(await expectOk(store.history.events({}))).toEqual([]);
    });

    test("of several runs in one commit, one that lost its fence loses alone", async ({ store }) => {
      const first = await startRun(store, { runId: "run_1" }, [buildStart()]);
      const lost = await startRun(store, { runId: "run_2" }, [buildStart()]);
      const last = await startRun(store, { runId: "run_3", owner: "owner-c" }, [buildStart()]);
      const { kept } = await expectOk(
        store.runs.checkpoint([first.own(traces), lost.own({ ...traces, owner: "owner-b" }), last.own(traces)]),
      );
      expect([...kept].toSorted()).toEqual(["run_1", "run_3"]);
      for (const [runId, status, rows] of [
        ["run_1", "COMPLETED", 1],
        ["run_2", "RUNNING", 0],
        ["run_3", "COMPLETED", 1],
      ] as const) {
        expect((await expectOk(store.history.steps({ runId })))[0]).toMatchObject({
          step: "fetch",
          status,
        });
        expect(await expectOk(store.history.steps({ runId }))).toHaveLength(1 + rows);
        expect(await expectOk(store.history.attempts({ runId }))).toHaveLength(rows);
        expect(await expectOk(store.history.events({ runId }))).toHaveLength(rows);
        expect((await expectOk(store.history.get({ runId })))?.counts.completed).toBe(rows);
      }
    });

    test("after a claim the owner before is a stranger and the new one is not", async ({ store }) => {
      const { run, own } = await startRun(store, {}, [buildStart()]);
      const claimed = await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b", deadOwner: "owner-a" }));
      expect((await expectOk(store.runs.checkpoint([own(traces)]))).kept.size).toBe(0);
      const later = own({ ...traces, owner: "owner-b", fence: claimed?.fence ?? 0 });
      expect((await expectOk(store.runs.checkpoint([later]))).kept.size).toBe(1);
    });

    test("an owner that comes back under its own name is fenced off by its number", async ({ store }) => {
      const { run, own } = await startRun(store, {}, [buildStart()]);
      await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b", deadOwner: "owner-a" }));
      await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-a", deadOwner: "owner-b" }));
      expect((await expectOk(store.runs.checkpoint([own(traces)]))).kept.size).toBe(0);
    });

    test("checkpoints queued at once are all kept", async ({ store }) => {
      const runs = await Promise.all(
        Array.from({ length: 50 }, (_, index) => startRun(store, { runId: `run_${index}` }, [buildStart()])),
      );
      await Promise.all(runs.map(({ keep }) => keep(traces)));
      const listed = await expectOk(store.history.list({ limit: 100 }));
      expect(listed.filter(({ counts }) => counts.completed === 1)).toHaveLength(50);
    });
  });
}
