import type { StoreTransaction, Transaction } from "@spine/core";
import { describe, expect } from "vitest";
import { buildAnomaly, buildCapture, buildRun, buildSlot } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { createGate } from "./gate.ts";
import type { StoreTest } from "./store-test.ts";
import { anomalyIds } from "./transactions.ts";

export function describeTransactionLimits(test: StoreTest): void {
  describe("using the store inside its own transaction", () => {
    test("is refused at once instead of waiting for itself", async ({ store }) => {
      await expectOk(
        store.transaction(async (tx) => {
          await expectErr(store.captures.start(buildCapture()), "TX_NESTED");
          await expectErr(store.captures.resolve(buildSlot()), "TX_NESTED");
          await expectErr(store.anomalies.record([buildAnomaly()]), "TX_NESTED");
          await expectErr(store.runs.create({ run: buildRun(), started: [], events: [] }), "TX_NESTED");
          await expectErr(store.runs.checkpoint([]), "TX_NESTED");
          await expectErr(store.history.list({}), "TX_NESTED");
          await expectErr(store.references.put({ id: "ref_1", value: 1 }), "TX_NESTED");
          await expectErr(store.sql.execute("select 1"), "TX_NESTED");
          await expectErr(
            store.transaction(() => 1),
            "TX_NESTED",
          );
          await expectOk(tx.anomalies.record([buildAnomaly({ anomalyId: "anom_1" })]));
        }),
      );
      expect(await anomalyIds(store)).toEqual(["anom_1"]);
    });

    test("is refused in whatever the work calls, however deep", async ({ store }) => {
      const audit = async (): Promise<void> => {
        await Promise.resolve();
        await expectErr(store.anomalies.record([buildAnomaly()]), "TX_NESTED");
      };
      await expectOk(
        store.transaction(async (tx) => {
          await expectOk(tx.anomalies.list({}));
          await Promise.all([audit(), audit()]);
        }),
      );
    });

    test("is fine for what was begun inside and goes on after the end", async ({ store }) => {
      const ended = createGate();
      let later: Promise<void> = Promise.resolve();
      await expectOk(
        store.transaction(() => {
          later = ended.opened.then(() => expectOk(store.anomalies.record([buildAnomaly({ anomalyId: "anom_1" })])));
        }),
      );
      ended.open();
      await later;
      expect(await anomalyIds(store)).toEqual(["anom_1"]);
    });
  });

  describe("a transaction's handle", () => {
    test.for(["commit", "rollback"] as const)("is closed after %s", async (end, { store }) => {
      let kept: StoreTransaction | undefined;
      const result = await store.transaction((tx) => {
        kept = tx;
        if (end === "rollback") throw new Error("undone");
      });
      expect(result.isOk()).toBe(end === "commit");
      const tx = kept ?? expect.fail("no handle");
      await expectErr(tx.anomalies.record([buildAnomaly()]), "TX_CLOSED");
      await expectErr(tx.captures.list({}), "TX_CLOSED");
      await expectErr(tx.runs.checkpoint([]), "TX_CLOSED");
      await expectErr(tx.references.put({ id: "ref_1", value: 1 }), "TX_CLOSED");
      await expectErr(tx.execute("select 1"), "TX_CLOSED");
      await expectErr(tx.insert("nothing", [{ id: 1 }]), "TX_CLOSED");
      await expectErr(
        tx.savepoint(() => 1),
        "TX_CLOSED",
      );
      expect(await anomalyIds(store)).toEqual([]);
    });
  });

  describe("a transaction's deadline", () => {
    test.for([
      [undefined, 30_000],
      [500, 500],
    ] as const)(
      "of %s ms ends it at %i ms; nothing is kept and the next one goes on",
      async ([deadlineMs, lengthMs], { store, clock }) => {
        const written = createGate();
        const never = createGate();
        let handle: StoreTransaction | undefined;
        const late = store.transaction(
          async (tx) => {
            handle = tx;
            await expectOk(tx.anomalies.record([buildAnomaly({ anomalyId: "anom_1" })]));
            written.open();
            await never.opened;
            throw new Error("too late to matter");
          },
          deadlineMs === undefined ? {} : { deadlineMs },
        );
        let ended = false;
        void late.then(() => (ended = true));
        await written.opened;
        await clock.advance(lengthMs - 1);
        expect(ended).toBe(false);

        await clock.advance(1);
        await expectErr(late, "TX_TOO_LONG");
        const after = await (handle ?? expect.fail("no handle")).anomalies.record([buildAnomaly()]);
        expect(["TX_CLOSED", "TX_TOO_LONG"]).toContain(after._unsafeUnwrapErr().code);
        never.open();
        await expectOk(
          store.transaction((tx) => expectOk(tx.anomalies.record([buildAnomaly({ anomalyId: "anom_2" })]))),
        );
        expect(await anomalyIds(store)).toEqual(["anom_2"]);
      },
    );

    test("ends its savepoint with it", async ({ store, clock }) => {
      const written = createGate();
      const never = createGate();
      const handles: Transaction[] = [];
      const late = store.transaction((tx) =>
        tx.savepoint(async (inner) => {
          handles.push(inner);
          await expectOk(inner.anomalies.record([buildAnomaly()]));
          written.open();
          await never.opened;
        }),
      );
      await written.opened;
      await clock.advance(30_000);
      await expectErr(late, "TX_TOO_LONG");
      for (const handle of handles) {
        const after = await handle.anomalies.record([buildAnomaly()]);
        expect(["TX_CLOSED", "TX_TOO_LONG"]).toContain(after._unsafeUnwrapErr().code);
      }
      never.open();
      expect(await anomalyIds(store)).toEqual([]);
    });

    test("leaves no timer behind when the transaction ends in time", async ({ store, clock }) => {
      const before = clock.pending;
      await expectOk(store.transaction((tx) => expectOk(tx.anomalies.record([buildAnomaly()]))));
      expect(clock.pending).toBe(before);
    });
  });
}
