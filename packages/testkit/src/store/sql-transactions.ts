import { type SqlExecutor, ValidationError } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCapture, buildSettlement, buildSlot, buildStart } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

async function createPrices(sql: SqlExecutor): Promise<void> {
  await expectOk(
    sql.execute("create table suite_prices (capture_id text, symbol text, primary key (capture_id, symbol))"),
  );
}

async function symbols(sql: SqlExecutor): Promise<readonly string[]> {
  const { rows } = await expectOk(sql.execute<{ symbol: string }>("select symbol from suite_prices order by symbol"));
  return rows.map(({ symbol }) => symbol);
}

const rowsOf = (...names: readonly string[]): readonly { capture_id: string; symbol: string }[] =>
  names.map((symbol) => ({ capture_id: "cap_1", symbol }));

export function describeSqlTransactions(test: StoreTest): void {
  describe("rows in a transaction", () => {
    test("are kept with the capture and the step they belong to", async ({ store }) => {
      await createPrices(store.sql);
      const { run, own } = await startRun(store, {}, [buildStart()]);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      await expectOk(
        store.transaction(async (tx) => {
          await expectOk(tx.insert("suite_prices", rowsOf("A", "B")));
          await expectOk(tx.execute("delete from suite_prices where symbol = ?", ["B"]));
          expect(await symbols(tx)).toEqual(["A"]);
          await expectOk(tx.captures.complete({ captureId: "cap_1", rowCount: 1 }));
          await expectOk(tx.runs.checkpoint([own({ settled: [buildSettlement()] })]));
        }),
      );
      expect(await symbols(store.sql)).toEqual(["A"]);
      expect(await expectOk(store.captures.resolve(buildSlot()))).toMatchObject({
        captureId: "cap_1",
      });
      expect(await expectOk(store.history.steps(run))).toMatchObject([{ status: "COMPLETED" }]);
    });

    test("are not kept when the run lost its fence", async ({ store }) => {
      await createPrices(store.sql);
      const { run, own } = await startRun(store, {}, [buildStart()]);
      await expectOk(store.runs.claim({ runId: run.runId, owner: "owner-b", deadOwner: "owner-a" }));
      await expectErr(
        store.transaction(async (tx) => {
          await expectOk(tx.insert("suite_prices", rowsOf("A")));
          const { kept } = await expectOk(tx.runs.checkpoint([own({ settled: [buildSettlement()] })]));
          if (!kept.has(run.runId)) throw new ValidationError("fenced off", { code: "RUN_FENCED" });
        }),
        "RUN_FENCED",
      );
      expect(await symbols(store.sql)).toEqual([]);
    });

    test("of a savepoint that failed are not kept, the others are", async ({ store }) => {
      await createPrices(store.sql);
      await expectOk(
        store.transaction(async (tx) => {
          await expectOk(tx.insert("suite_prices", rowsOf("A")));
          const tried = tx.savepoint(async (inner) => {
            await expectOk(inner.insert("suite_prices", rowsOf("B")));
            const again = await inner.insert("suite_prices", rowsOf("A"));
            if (again.isErr()) throw again.error;
          });
          await expectErr(tried, "INTEGRITY_VIOLATED");
          await expectOk(tx.insert("suite_prices", rowsOf("C")));
        }),
      );
      expect(await symbols(store.sql)).toEqual(["A", "C"]);
    });

    test("of a savepoint whose failed statement was ignored are not kept either", async ({ store }) => {
      await createPrices(store.sql);
      await expectOk(
        store.transaction(async (tx) => {
          const tried = tx.savepoint(async (inner) => {
            await expectOk(inner.insert("suite_prices", rowsOf("B")));
            await expectErr(inner.execute("selec 1"), "QUERY_INVALID");
          });
          await expectErr(tried, "TX_DOOMED");
          await expectOk(tx.insert("suite_prices", rowsOf("C")));
        }),
      );
      expect(await symbols(store.sql)).toEqual(["C"]);
    });
  });
}
