import { describe, expect } from "vitest";
import { buildAnomaly, buildCapture, buildReject, buildRun, buildSettlement, buildSlot } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

export function describeHandles(test: StoreTest, options: { readonly shared: boolean; readonly sql: boolean }): void {
  describe("a store", () => {
    test("says what it is", ({ store }) => {
      expect(store.kind).toMatch(/^[a-z]+$/);
      expect(store.location).not.toBe("");
      expect(store.capabilities.has("sql")).toBe(options.sql);
    });

    test("hands out frozen records", async ({ store }) => {
      const { run, keep } = await startRun(store);
      await keep({
        settled: [buildSettlement()],
        attempts: [{ step: "fetch", attempt: 1, status: "COMPLETED", durationMs: 1 }],
        events: [{ type: "x", payload: {} }],
      });
      const capture = await expectOk(store.captures.start(buildCapture()));
      await expectOk(store.anomalies.record([buildAnomaly()]));
      await expectOk(store.anomalies.reject([buildReject()]));
      await expectOk(store.owners.beat({ owner: "owner-a", place: "host-1", pid: 1, leaseMs: 1 }));
      const records: unknown[] = [
        capture,
        await expectOk(store.captures.get(capture)),
        await expectOk(store.history.get(run)),
        ...(await expectOk(store.history.list({}))),
        ...(await expectOk(store.history.steps(run))),
        ...(await expectOk(store.history.attempts(run))),
        ...(await expectOk(store.history.events(run))),
        ...(await expectOk(store.captures.list({}))),
        ...(await expectOk(store.anomalies.list({}))),
        ...(await expectOk(store.anomalies.rejects({ captureId: "cap_000001" }))),
        ...(await expectOk(store.owners.list())),
        await expectOk(store.references.put({ id: "ref_1", value: 1 })),
      ];
      expect(records).toHaveLength(12);
      expect(records.filter((record) => !Object.isFrozen(record))).toEqual([]);
    });

    test("closes twice as well as once, and then fails instead of throwing", async ({ store }) => {
      await expectOk(store.close());
      await expectOk(store.close());
      await expectErr(store.history.list({}), "HOST_CLOSED");
      await expectErr(store.runs.create({ run: buildRun(), started: [], events: [] }), "HOST_CLOSED");
      await expectErr(store.runs.checkpoint([]), "HOST_CLOSED");
      await expectErr(store.captures.resolve(buildSlot()), "HOST_CLOSED");
      await expectErr(
        store.transaction(() => 1),
        "HOST_CLOSED",
      );
      await expectErr(store.sql.execute("select 1"), "HOST_CLOSED");
    });
  });

  if (!options.shared) return;
  describe("two stores over the same data", () => {
    test("see what the other one committed", async ({ store, openAgain }) => {
      const other = await openAgain();
      const { run } = await startRun(store, { params: { week: 1 } });
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      expect((await expectOk(other.history.get(run)))?.params).toEqual({ week: 1 });
      await expectErr(other.captures.start(buildCapture({ captureId: "cap_2" })), "CAPTURE_HELD");
      await expectOk(other.captures.complete({ captureId: "cap_1", rowCount: 1 }));
      expect(await expectOk(store.captures.resolve(buildSlot()))).toMatchObject({
        captureId: "cap_1",
      });
    });

    test("close on their own, and the data stays for the next", async ({ store, openAgain }) => {
      const { run, own } = await startRun(store);
      await expectOk(store.close());
      const other = await openAgain();
      const claimed = await expectOk(other.runs.claim({ runId: run.runId, owner: "owner-b" }));
      expect(claimed).toMatchObject({ status: "RUNNING", owner: "owner-b" });
      expect((await expectOk(other.runs.checkpoint([own()]))).kept.size).toBe(0);
      expect(await expectOk(other.runs.definition(run))).toEqual(run.definition);
    });

    test("fence each other off", async ({ store, openAgain }) => {
      const other = await openAgain();
      const { run, own } = await startRun(store);
      await expectOk(other.runs.claim({ runId: run.runId, owner: "owner-b", deadOwner: "owner-a" }));
      expect((await expectOk(store.runs.checkpoint([own()]))).kept.size).toBe(0);
    });
  });
}
