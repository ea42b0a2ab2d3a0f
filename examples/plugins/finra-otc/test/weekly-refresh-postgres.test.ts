import { randomBytes } from "node:crypto";
import { postgres } from "@spine/adapters-postgres";
import { orThrow, weekEnding } from "@spine/core";
import { Client } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { weeklyRefresh } from "../src/index.ts";
import { generateWeek, writeWeek } from "../src/testing.ts";
import { openSpine } from "./open-spine.ts";

/** Set by the repository's test set-up, which says loudly when there is no server. */
const url = process.env["SPINE_TEST_PG_URL"];

describe.skipIf(url === undefined)("finra.weekly_refresh on PostgreSQL", () => {
  it("gives what it gives on SQLite, and skips, forces and keeps captures alike", async () => {
    const generated = generateWeek({ week: weekEnding("2025-11-14"), rows: 600 });
    const { truth } = generated;
    const schema = `finra_${randomBytes(4).toString("hex")}`;
    onTestFinished(async () => {
      const client = new Client(url);
      await client.connect();
      await client.query(`drop schema if exists ${schema} cascade`);
      await client.end();
    });
    const { spine, folder, db } = await openSpine({ store: postgres(url ?? "", { schema }) });
    const file = await writeWeek(folder, generated);

    const { outputs } = await orThrow(spine.workflows.run(weeklyRefresh, { params: { file } }));
    expect(outputs.summary).toMatchObject({
      recordsIn: truth.recordsIn,
      normalized: truth.normalized,
      rejected: truth.rejected + truth.ragged,
      totalShares: truth.totalShares.toString(),
      totalTrades: truth.totalTrades.toString(),
    });
    const captureId = outputs.normalize?.captureId ?? "";
    const rows = await db
      .selectFrom("finra_otc_normalized")
      .select("shares")
      .where("capture_id", "=", captureId)
      .execute();
    expect(rows.reduce((sum, { shares }) => sum + BigInt(shares), 0n)).toBe(truth.totalShares);

    const view = "select sum(total_shares) as shares from finra_otc_symbol_summary_current";
    const { rows: seen } = await orThrow(spine.store.sql.execute<{ shares: string }>(view));
    expect(BigInt(seen[0]?.shares ?? 0)).toBe(truth.totalShares);

    const again = await orThrow(spine.workflows.run(weeklyRefresh, { params: { file } }));
    expect(again.steps.find(({ step }) => step === "ingest")?.status).toBe("SKIPPED");
    await orThrow(spine.workflows.run(weeklyRefresh, { params: { file, force: true } }));
    const captures = await orThrow(spine.store.captures.list({ stage: "INGEST" }));
    expect(captures.map(({ status, reason }) => ({ status, reason }))).toEqual([
      { status: "COMPLETE", reason: "forced" },
      { status: "COMPLETE", reason: "first" },
    ]);
  });
});
