import { type Reference, type Store, ValidationError } from "@spine/core";
import { describe, expect } from "vitest";
import { buildAnomaly, buildCapture, buildSettlement, buildSlot, buildStart } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { createGate } from "./gate.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

export async function anomalyIds(store: Store): Promise<readonly string[]> {
  return (await expectOk(store.anomalies.list({}))).map(({ anomalyId }) => anomalyId).toSorted();
}

export function describeTransactions(test: StoreTest): void {
  describe("a transaction", () => {
    test("keeps everything it wrote and resolves to what its work returned", async ({ store }) => {
      const { run, own } = await startRun(store, {}, [buildStart()]);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      const output = await expectOk(
        store.transaction(async (tx) => {
          await expectOk(tx.captures.complete({ captureId: "cap_1", rowCount: 7 }));
          await expectOk(tx.anomalies.record([buildAnomaly({ anomalyId: "anom_1" })]));
          await expectOk(tx.references.put({ id: "ref_1", value: "large" }));
          const { kept } = await expectOk(tx.runs.checkpoint([own({ settled: [buildSettlement({ output: 7 })] })]));
          return { rows: 7, kept: [...kept] };
        }),
      );
      expect(output).toEqual({ rows: 7, kept: [run.runId] });
      expect((await expectOk(store.captures.resolve(buildSlot())))?.rowCount).toBe(7);
      expect(await anomalyIds(store)).toEqual(["anom_1"]);
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toMatchObject([
        { status: "COMPLETED", output: 7 },
      ]);
    });

    test("reads its own writes", async ({ store }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_0", stage: "REFERENCE" })));
      await expectOk(
        store.transaction(async (tx) => {
          const { capture: first } = await expectOk(tx.captures.complete({ captureId: "cap_0", rowCount: 1 }));
          await expectOk(tx.captures.start(buildCapture({ captureId: "cap_1", inputs: ["cap_0"] })));
          await expectErr(
            tx.savepoint(async (inner) => {
              const second = await inner.captures.start(buildCapture({ captureId: "cap_2" }));
              if (second.isErr()) throw second.error;
            }),
            "CAPTURE_HELD",
          );
          const { capture: completed } = await expectOk(tx.captures.complete({ captureId: "cap_1", rowCount: 1 }));
          expect(await expectOk(tx.captures.resolve(buildSlot()))).toEqual(completed);
          expect(await expectOk(tx.captures.list({}))).toEqual([completed, first]);
          expect(await expectOk(tx.captures.edges({ captureId: "cap_1", direction: "up" }))).toEqual([
            { captureId: "cap_1", input: "cap_0" },
          ]);
          const reference = await expectOk(tx.references.put({ id: "ref_1", value: [1] }));
          expect(await expectOk(tx.references.get(reference))).toEqual([1]);
        }),
      );
    });

    test("finds a run that it ended itself ended", async ({ store }) => {
      const { run, own } = await startRun(store, {}, [buildStart()]);
      await expectOk(
        store.transaction(async (tx) => {
          await expectOk(tx.runs.checkpoint([own({ end: { status: "FAILED", durationMs: 1 } })]));
          expect((await expectOk(tx.runs.checkpoint([own({ settled: [buildSettlement()] })]))).kept.size).toBe(0);
        }),
      );
      expect(await expectOk(store.history.get(run))).toMatchObject({ status: "FAILED" });
      expect(await expectOk(store.history.steps(run))).toMatchObject([{ status: "RUNNING" }]);
    });

    test("that throws keeps nothing and fails with what was thrown", async ({ store }) => {
      const { run, own } = await startRun(store, {}, [buildStart()]);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      const thrown = new ValidationError("3 is not enough.");
      let reference: Reference = { $ref: "none", sizeBytes: 0, contentHash: "" };
      const result = await store.transaction(async (tx) => {
        await expectOk(tx.captures.complete({ captureId: "cap_1", rowCount: 7 }));
        await expectOk(tx.captures.start(buildCapture({ captureId: "cap_2" })));
        await expectOk(tx.anomalies.record([buildAnomaly()]));
        reference = await expectOk(tx.references.put({ id: "ref_1", value: "large" }));
        await expectOk(
          tx.runs.checkpoint([own({ settled: [buildSettlement()], end: { status: "COMPLETED", durationMs: 1 } })]),
        );
        throw thrown;
      });
      expect(result._unsafeUnwrapErr()).toBe(thrown);
      expect(await expectOk(store.captures.list({}))).toMatchObject([{ captureId: "cap_1", status: "RUNNING" }]);
      expect(await anomalyIds(store)).toEqual([]);
      expect((await expectErr(store.references.get(reference), "REFERENCE_NOT_FOUND")).message).toContain("ref_1");
      expect(await expectOk(store.history.get({ runId: run.runId }))).toMatchObject({
        status: "RUNNING",
      });
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toMatchObject([{ status: "RUNNING" }]);
    });

    test("that throws before its first await fails the same way", async ({ store }) => {
      const error = await expectErr(
        store.transaction(() => {
          throw new TypeError("of undefined");
        }),
        "UNKNOWN",
      );
      expect(error.cause).toBeInstanceOf(TypeError);
    });

    test("keeps no data when the checkpoint that joins it lost its fence", async ({ store }) => {
      const { run, own } = await startRun(store, {}, [buildStart()]);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b", deadOwner: "owner-a" }));
      await expectErr(
        store.transaction(async (tx) => {
          await expectOk(tx.captures.complete({ captureId: "cap_1", rowCount: 7 }));
          const { kept } = await expectOk(tx.runs.checkpoint([own({ settled: [buildSettlement()] })]));
          if (!kept.has(run.runId)) throw new ValidationError("fenced off", { code: "RUN_FENCED" });
        }),
        "RUN_FENCED",
      );
      expect(await expectOk(store.captures.resolve(buildSlot()))).toBeUndefined();
      expect(await expectOk(store.history.steps({ runId: run.runId }))).toMatchObject([
        { status: "RUNNING", attempt: 2 },
      ]);
    });

    test("shows nothing of what it wrote before it ends, nor after it was undone", async ({ store }) => {
      const written = createGate();
      const end = createGate();
      const transaction = store.transaction(async (tx) => {
        await expectOk(tx.anomalies.record([buildAnomaly()]));
        written.open();
        await end.opened;
        throw new ValidationError("undone");
      });
      await written.opened;
      // A store of one connection answers this after the end, the others before it.
      const seen = anomalyIds(store);
      end.open();
      await expectErr(transaction, "VALIDATION_FAILED");
      expect(await seen).toEqual([]);
      expect(await anomalyIds(store)).toEqual([]);
    });

    test("does not get in the way of writes outside it, nor they in its way", async ({ store }) => {
      const written = createGate();
      const end = createGate();
      const transaction = store.transaction(async (tx) => {
        await expectOk(tx.anomalies.record([buildAnomaly({ anomalyId: "anom_1" })]));
        written.open();
        await end.opened;
      });
      await written.opened;
      const outside = expectOk(store.anomalies.record([buildAnomaly({ anomalyId: "anom_2" })]));
      const other = expectOk(
        store.transaction((tx) => expectOk(tx.anomalies.record([buildAnomaly({ anomalyId: "anom_3" })]))),
      );
      end.open();
      await Promise.all([transaction, outside, other]);
      expect(await anomalyIds(store)).toEqual(["anom_1", "anom_2", "anom_3"]);
    });

    test("waits its turn among many", async ({ store }) => {
      await Promise.all(
        Array.from({ length: 25 }, (_, index) =>
          expectOk(
            store.transaction((tx) => expectOk(tx.anomalies.record([buildAnomaly({ anomalyId: `anom_${index}` })]))),
          ),
        ),
      );
      expect(await anomalyIds(store)).toHaveLength(25);
    });
  });
}
