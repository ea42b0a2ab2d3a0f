import { definePipeline, definePlugin, orThrow, type PipelineContext, type SqlValue } from "@spine/core";
import { defineWorkflow, Step } from "@spine/orchestration";
import { defineMigration } from "@spine/sql";
import { z } from "zod";

/** Rows a batch loads, and how many go into one insert. */
const rowsPerBatch = 400;
const rowsPerInsert = 50;
const batches = ["north", "south", "west"];

const migration = defineMigration({
  name: "0001-ledger",
  up: ({ schema, type }) => [
    schema
      .createTable("drill_entries")
      .addColumn("capture_id", type.key, (column) => column.notNull())
      .addColumn("line", type.integer, (column) => column.notNull())
      .addColumn("account", type.key, (column) => column.notNull())
      .addColumn("amount", type.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint("drill_entries_key", ["capture_id", "line"]),
    schema
      .createTable("drill_totals")
      .addColumn("capture_id", type.key, (column) => column.notNull())
      .addColumn("account", type.key, (column) => column.notNull())
      .addColumn("amount", type.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint("drill_totals_key", ["capture_id", "account"]),
    // A step that commits twice breaks its key.
    schema
      .createTable("drill_journal")
      .addColumn("run_id", type.key, (column) => column.notNull())
      .addColumn("step", type.key, (column) => column.notNull())
      .addPrimaryKeyConstraint("drill_journal_key", ["run_id", "step"]),
  ],
});

const params = z.object({ batch: z.string() });
const output = z.object({ recordCount: z.int(), amount: z.int() });
type Output = z.infer<typeof output>;

/** Loads a batch in short commits under its capture, then ends it. */
const load = definePipeline({
  key: "drill.load",
  params,
  output,
  needs: ["sql"],
  run: async ({ params: { batch }, capture, commit, run }) => {
    const rows = entriesOf(batch);
    const running = await orThrow(capture.begin(slotOf(batch, "LOAD")));
    for (let from = 0; from < rows.length; from += rowsPerInsert)
      await orThrow(running.insert("drill_entries", rows.slice(from, from + rowsPerInsert)));
    return commit(async (tx) => {
      await orThrow(tx.insert("drill_journal", [{ run_id: run.runId, step: run.step }]));
      return { recordCount: rows.length, amount: rows.reduce((sum, { amount }) => sum + amount, 0) };
    });
  },
});

/** Sums what readers see of a batch, and writes the sums inside its commit. */
const total = definePipeline({
  key: "drill.total",
  params,
  output,
  needs: ["sql"],
  run: async ({ params: { batch }, capture, commit, run, sql }) => {
    const source = await orThrow(capture.require(slotOf(batch, "LOAD")));
    const { rows } = await orThrow(
      sql.execute<{ account: string; amount: number }>(
        "select account, sum(amount) as amount from drill_entries where capture_id = ? group by account order by account",
        [source.captureId],
      ),
    );
    const running = await orThrow(capture.begin({ ...slotOf(batch, "TOTAL"), inputs: [source.captureId] }));
    return commit(async (tx) => {
      const totals = rows.map((row) => ({ ...row, capture_id: running.captureId }));
      await orThrow(tx.insert("drill_totals", totals));
      await orThrow(tx.insert("drill_journal", [{ run_id: run.runId, step: run.step }]));
      running.complete({ rowCount: totals.length });
      return { recordCount: totals.length, amount: totals.reduce((sum, { amount }) => sum + amount, 0) };
    });
  },
});

/** Six pipeline steps that write and one lambda that looks at what they returned. */
export const ledgerWorkflow = defineWorkflow({
  name: "drill.ledger",
  steps: [
    ...batches.flatMap((batch) => [
      Step.pipeline(`load_${batch}`, Step.dynamic("drill.load"), { params: { batch } }),
      Step.pipeline(`total_${batch}`, Step.dynamic("drill.total"), { params: { batch } }),
    ]),
    Step.lambda("balance", (context) => {
      const sum = (stage: string): number =>
        batches.reduce((all, batch) => all + context.getOutput(`${stage}_${batch}`, "amount", 0), 0);
      return sum("load") === sum("total") && { amount: sum("total") };
    }),
  ],
});

export const ledger = definePlugin({
  name: "drill-ledger",
  domain: "drill.ledger",
  pipelines: [load, total],
  workflows: [ledgerWorkflow],
  migrations: [migration],
});

/** Tables under captures, for checks. */
export const ledgerTables = ["drill_entries", "drill_totals"] as const;

function slotOf(batch: string, stage: string): Parameters<PipelineContext<unknown, Output>["capture"]["current"]>[0] {
  return { domain: "drill.ledger", partition: batch, stage, tier: stage === "LOAD" ? "BRONZE" : "SILVER" };
}

interface Entry extends Record<string, SqlValue> {
  readonly line: number;
  readonly account: string;
  readonly amount: number;
}

/** The same for every run: what the sums must be. */
function entriesOf(batch: string): readonly Entry[] {
  return Array.from({ length: rowsPerBatch }, (_, index) => ({
    line: index + 1,
    account: `${batch}-${index % 7}`,
    amount: ((index * 7919) % 1000) + batch.length,
  }));
}
