import { type Instant, instantOfMs, type Store } from "@spine/core";
import { describe, expect } from "vitest";
import { buildStart } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { type StartedRun, startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

const wait = { reason: "timer" };

interface Parking {
  readonly dueAt?: Instant | undefined;
  readonly signalsSeen?: number;
}

async function park(store: Store, { run, fence }: StartedRun, { dueAt, signalsSeen = 0 }: Parking = {}) {
  return expectOk(
    store.runs.suspend({
      runId: run.runId,
      owner: run.owner,
      fence,
      waits: [{ step: "fetch", wait }],
      events: [{ type: "run.waiting", payload: {} }],
      park: { dueAt, signalsSeen },
    }),
  );
}

const send = (store: Store, id: string, runId: string, payload = 1) =>
  expectOk(store.signals.send({ id, runId, name: "go", payload }));

const dueRuns = async (store: Store, limit = 10): Promise<readonly string[]> =>
  (await expectOk(store.runs.due({ limit }))).runs.map(({ runId }) => runId);

export function describeWaiting(test: StoreTest): void {
  describe("waiting runs", () => {
    test("a parked run is nobody's, and its step keeps what it waits for", async ({ store, clock }) => {
      const started = await startRun(store, {}, [buildStart()]);
      const dueAt = instantOfMs(clock.nowMs() + 1000);
      expect(await park(store, started, { dueAt })).toBe(true);
      expect(await expectOk(store.history.get({ runId: started.run.runId }))).toMatchObject({
        status: "WAITING",
        owner: undefined,
        dueAt,
      });
      expect(await expectOk(store.history.steps({ runId: started.run.runId }))).toMatchObject([
        { step: "fetch", status: "WAITING", wait, attempt: 1 },
      ]);
      expect(await expectOk(store.history.events({ runId: started.run.runId }))).toMatchObject([
        { type: "run.waiting" },
      ]);
    });

    test("a step can wait while its run goes on", async ({ store }) => {
      const { run, fence } = await startRun(store, {}, [buildStart()]);
      const suspension = { runId: run.runId, owner: run.owner, fence, waits: [{ step: "fetch", wait }], events: [] };
      expect(await expectOk(store.runs.suspend(suspension))).toBe(true);
      expect(await expectOk(store.history.get({ runId: run.runId }))).toMatchObject({
        status: "RUNNING",
        owner: run.owner,
      });
    });

    test("a suspension of somebody who lost the run leaves no trace", async ({ store }) => {
      const started = await startRun(store, {}, [buildStart()]);
      expect(await park(store, { ...started, fence: started.fence + 1 })).toBe(false);
      expect(await expectOk(store.history.get({ runId: started.run.runId }))).toMatchObject({ status: "RUNNING" });
      expect(await expectOk(store.history.steps({ runId: started.run.runId }))).toMatchObject([{ status: "RUNNING" }]);
      expect(await expectOk(store.history.events({ runId: started.run.runId }))).toEqual([]);
    });

    test("a claim makes it run again: the attempt of a step that waited stays, and what it waited for too", async ({
      store,
    }) => {
      const started = await startRun(store, {}, [buildStart()]);
      await park(store, started);
      const claimed = await expectOk(store.runs.claim({ runId: started.run.runId, owner: "owner-b" }));
      expect(claimed).toMatchObject({ status: "RUNNING", owner: "owner-b", dueAt: undefined });
      expect(claimed?.fence).toBeGreaterThan(started.fence);
      expect(await expectOk(store.history.steps({ runId: started.run.runId }))).toMatchObject([{ attempt: 1, wait }]);
    });

    test("a claim of other statuses only leaves it alone", async ({ store }) => {
      const started = await startRun(store, {}, [buildStart()]);
      await park(store, started);
      const { runId } = started.run;
      expect(await expectOk(store.runs.claim({ runId, owner: "owner-b", statuses: ["RUNNING"] }))).toBeUndefined();
      expect(await expectOk(store.runs.claim({ runId, owner: "owner-b", statuses: ["WAITING"] }))).toBeDefined();
    });

    test("due runs come by priority, then age; children are their parents' business", async ({ store, clock }) => {
      const at = (ms: number): Instant => instantOfMs(clock.nowMs() + ms);
      for (const [runId, priority, dueInMs, parentRunId] of [
        ["run_1", 0, 100, undefined],
        ["run_2", 5, 100, undefined],
        ["run_3", 0, 200, undefined],
        ["run_4", 0, undefined, undefined],
        ["run_5", 9, 50, "run_1"],
      ] as const) {
        const started = await startRun(store, { runId, priority, parentRunId }, [buildStart()]);
        await park(store, started, { dueAt: dueInMs === undefined ? undefined : at(dueInMs) });
      }
      expect(await expectOk(store.runs.due({ limit: 10 }))).toMatchObject({ runs: [], next: at(100) });
      await clock.advance(100);
      expect(await dueRuns(store)).toEqual(["run_2", "run_1"]);
      expect(await dueRuns(store, 1)).toEqual(["run_2"]);
      await clock.advance(100);
      expect(await expectOk(store.runs.due({ limit: 10 }))).toMatchObject({ next: undefined });
      expect(await dueRuns(store)).toEqual(["run_2", "run_1", "run_3"]);
    });
  });

  describe("signals", () => {
    test("are kept in the order in which they came, each id once", async ({ store }) => {
      const { run } = await startRun(store);
      const first = await send(store, "sig_1", run.runId, 1);
      await send(store, "sig_2", run.runId, 2);
      expect(await send(store, "sig_1", run.runId, 3)).toEqual(first);
      const signals = await expectOk(store.signals.list({ runId: run.runId }));
      expect(signals.map(({ payload }) => payload)).toEqual([1, 2]);
    });

    test("nobody can signal a run that is not there", async ({ store }) => {
      expect(await send(store, "sig_1", "run_x")).toBeUndefined();
    });

    test("make a waiting run due, and the run it is a child of", async ({ store }) => {
      const parent = await startRun(store, { runId: "run_1" }, [buildStart()]);
      const child = await startRun(store, { runId: "run_1:sub", parentRunId: "run_1" }, [buildStart()]);
      await park(store, child);
      await park(store, parent);
      expect(await dueRuns(store)).toEqual([]);
      await send(store, "sig_1", "run_1:sub");
      expect(await dueRuns(store)).toEqual(["run_1"]);
    });

    test("a signal that came while a run was being parked makes it due at once", async ({ store }) => {
      const started = await startRun(store, {}, [buildStart()]);
      const signal = await send(store, "sig_1", started.run.runId);
      await park(store, started);
      expect(await dueRuns(store)).toEqual([started.run.runId]);
      const claimed = await expectOk(store.runs.claim({ runId: started.run.runId, owner: "owner-a" }));
      await park(store, { ...started, fence: claimed?.fence ?? 0 }, { signalsSeen: signal?.sequence ?? 0 });
      expect(await dueRuns(store)).toEqual([]);
    });

    test("do not wake a paused run", async ({ store }) => {
      const started = await startRun(store, {}, [buildStart()]);
      await expectOk(store.runs.request({ runId: started.run.runId, request: "pause" }));
      await park(store, started);
      await send(store, "sig_1", started.run.runId);
      expect(await dueRuns(store)).toEqual([]);
    });
  });

  describe("requests", () => {
    test("are seen by the run's owner until it parks or ends", async ({ store }) => {
      const started = await startRun(store, {}, [buildStart()]);
      const { runId } = started.run;
      const requests = (): Promise<unknown> => expectOk(store.runs.requests({ owner: started.run.owner }));
      expect(await requests()).toEqual([]);
      expect(await expectOk(store.runs.request({ runId, request: "pause" }))).toMatchObject({ requested: "pause" });
      expect(await requests()).toEqual([{ runId, request: "pause" }]);
      await park(store, started);
      expect(await requests()).toEqual([]);
      expect(await expectOk(store.history.get({ runId }))).toMatchObject({ status: "WAITING", requested: "pause" });
    });

    test("a waiting run that is to be cancelled is due at once", async ({ store }) => {
      const started = await startRun(store, {}, [buildStart()]);
      await park(store, started);
      await expectOk(store.runs.request({ runId: started.run.runId, request: "cancel" }));
      expect(await dueRuns(store)).toEqual([started.run.runId]);
    });

    test("mean nothing to a run that has ended", async ({ store }) => {
      const { run, keep } = await startRun(store);
      await keep({ end: { status: "COMPLETED", durationMs: 1 } });
      expect(await expectOk(store.runs.request({ runId: run.runId, request: "cancel" }))).toMatchObject({
        status: "COMPLETED",
        requested: undefined,
      });
    });
  });

  describe("idempotency keys", () => {
    test("a second run of the same kind, name and key is refused, others are not", async ({ store }) => {
      await startRun(store, { runId: "run_1", idempotencyKey: "k" });
      await startRun(store, { runId: "run_2", idempotencyKey: "other" });
      await startRun(store, { runId: "run_3", name: "prices.weekly", idempotencyKey: "k" });
      const { run } = await startRun(store, { runId: "run_4" });
      const twin = { run: { ...run, runId: "run_5", idempotencyKey: "k" }, started: [], events: [] };
      await expectErr(store.runs.create(twin), "INTEGRITY_VIOLATED");
      const found = await expectOk(store.history.list({ name: run.name, idempotencyKey: "k" }));
      expect(found.map(({ runId }) => runId)).toEqual(["run_1"]);
    });
  });
}
