import type { Store } from "@spine/core";
import { describe, expect } from "vitest";
import { buildSettlement, buildStart } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

const leaseMs = 60_000;

async function beat(store: Store, owner: string): Promise<void> {
  await expectOk(store.owners.beat({ owner, place: "host-1", pid: 1, leaseMs }));
}

export function describeClaims(test: StoreTest): void {
  describe("claiming runs", () => {
    test("a run whose owner lives is not given away", async ({ store, clock }) => {
      await beat(store, "owner-a");
      const { run, fence } = await startRun(store);
      await clock.advance(leaseMs - 1);
      expect(await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b" }))).toBeUndefined();
      expect(
        await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b", deadOwner: "owner-c" })),
      ).toBeUndefined();
      expect(await expectOk(store.history.get({ runId: run.runId }))).toMatchObject({
        owner: "owner-a",
        fence,
      });
    });

    test("not even to the owner itself", async ({ store }) => {
      await beat(store, "owner-a");
      const { run } = await startRun(store);
      expect(await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-a" }))).toBeUndefined();
    });

    test("a run is free when its owner's lease ran out", async ({ store, clock }) => {
      await beat(store, "owner-a");
      const { run, fence } = await startRun(store, { params: { week: 1 } });
      await clock.advance(leaseMs);
      const claimed = await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b" }));
      expect(claimed).toMatchObject({
        runId: run.runId,
        status: "RUNNING",
        owner: "owner-b",
        params: { week: 1 },
      });
      expect(claimed?.fence).toBeGreaterThan(fence);
      expect(await expectOk(store.history.get({ runId: run.runId }))).toEqual(claimed);
    });

    test("a run is free when its owner retired, was never heard of, or is known to be dead", async ({ store }) => {
      await beat(store, "retired");
      await beat(store, "dead");
      await startRun(store, { runId: "run_1", owner: "retired" });
      await startRun(store, { runId: "run_2", owner: "unheard-of" });
      await startRun(store, { runId: "run_3", owner: "dead" });
      await expectOk(store.owners.retire({ owner: "retired" }));
      expect(await expectOk(store.runs.claim({ runId: "run_1", owner: "owner-b" }))).toMatchObject({
        owner: "owner-b",
      });
      expect(await expectOk(store.runs.claim({ runId: "run_2", owner: "owner-b" }))).toMatchObject({
        owner: "owner-b",
      });
      expect(await expectOk(store.runs.claim({ runId: "run_3", owner: "owner-b", deadOwner: "dead" }))).toMatchObject({
        owner: "owner-b",
      });
    });

    test.for(["FAILED", "CANCELLED", "PARTIAL"] as const)(
      "a run that ended %s runs again without a trace of its end",
      async (status, { store }) => {
        await beat(store, "owner-a");
        const { run, keep } = await startRun(store);
        const error = {
          name: "E",
          code: "STEP_FAILED",
          category: "ORCHESTRATION",
          message: "no",
          retryable: false,
        } as const;
        await keep({ end: { status, durationMs: 5, error, errorStep: "fetch" } });
        expect(await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b" }))).toMatchObject({
          status: "RUNNING",
          owner: "owner-b",
          error: undefined,
          errorStep: undefined,
          completedAt: undefined,
          durationMs: undefined,
        });
      },
    );

    test("a run that COMPLETED is done for good", async ({ store }) => {
      const { run, keep } = await startRun(store);
      await keep({ end: { status: "COMPLETED", durationMs: 5 } });
      expect(await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b" }))).toBeUndefined();
      expect(await expectOk(store.history.get({ runId: run.runId }))).toMatchObject({
        status: "COMPLETED",
        durationMs: 5,
      });
    });

    test("nobody can claim a run that is not there", async ({ store }) => {
      expect(await expectOk(store.runs.claim({ runId: "run_x", owner: "owner-b" }))).toBeUndefined();
    });

    test("steps found RUNNING count one more attempt, the others stay", async ({ store }) => {
      const { run, keep } = await startRun(store, {}, [buildStart()]);
      await keep({
        settled: [buildSettlement({ output: 1 })],
        started: [buildStart({ step: "load", position: 1, attempt: 2 })],
      });
      await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b" }));
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toMatchObject([
        { step: "fetch", status: "COMPLETED", attempt: 1, output: 1 },
        { step: "load", status: "RUNNING", attempt: 3 },
      ]);
    });

    test("of many who claim at once, one gets the run", async ({ store }) => {
      const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`);
      for (const owner of owners) await beat(store, owner);
      const { run } = await startRun(store, { owner: "gone" });
      const claims = await Promise.all(owners.map((owner) => expectOk(store.runs.claim({ runId: run.runId, owner }))));
      const [winner, ...others] = claims.filter((claim) => claim !== undefined);
      expect(others).toEqual([]);
      expect(await expectOk(store.history.get({ runId: run.runId }))).toEqual(winner);
    });
  });

  describe("abandoned runs", () => {
    test("are running runs without a living owner, oldest first", async ({ store, clock }) => {
      await beat(store, "owner-a");
      await beat(store, "owner-b");
      for (const [runId, owner] of [
        ["run_1", "owner-a"],
        ["run_2", "gone"],
        ["run_3", "owner-b"],
        ["run_4", "gone"],
        ["run_5", "gone"],
      ] as const) {
        const { keep } = await startRun(store, { runId, owner });
        if (runId === "run_4") await keep({ end: { status: "FAILED", durationMs: 1 } });
        await clock.advance(10);
      }
      const abandoned = async (deadOwners: readonly string[], limit = 10): Promise<readonly string[]> =>
        (await expectOk(store.runs.abandoned({ deadOwners, limit }))).map(({ runId }) => runId);

      expect(await abandoned([])).toEqual(["run_2", "run_5"]);
      expect(await abandoned(["owner-b", "owner-x"])).toEqual(["run_2", "run_3", "run_5"]);
      expect(await abandoned(["owner-b"], 2)).toEqual(["run_2", "run_3"]);
      await clock.advance(leaseMs);
      expect(await abandoned([])).toEqual(["run_1", "run_2", "run_3", "run_5"]);
      await beat(store, "owner-a");
      expect(await abandoned([])).toEqual(["run_2", "run_3", "run_5"]);
    });
  });
}
