// The code of docs/guides/captures.md: a partition from its first capture to retention, with a gate, gaps, a backfill, an old view of the world.
// A test holds the guide's blocks equal to this file, and this file runs.

import { sqlite } from "@spine/adapters-sqlite";
import {
  applyRetention,
  contentHash,
  defineCalendar,
  defineExpectation,
  defineGate,
  definePipeline,
  definePlugin,
  defineRetention,
  historyCheck,
  orThrow,
  type PipelinesOf,
  plainDate,
  planRetention,
  type QualityMetrics,
  skipped,
  systemClock,
  thresholds,
} from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { currentView, defineMigration, kyselyOf, rowsAsOf } from "@spine/sql";
import { z } from "zod";

// Stands for a vendor, who forgot a day, sent half of another, and will change his mind about a third.
const vendor = new Map<string, readonly { symbol: string; cents: number }[]>();
for (const day of ["2025-11-24", "2025-11-25", "2025-11-28", "2025-12-01"])
  vendor.set(
    day,
    ["AAPL", "MSFT", "NVDA", "TSLA"].map((symbol, rank) => ({ symbol, cents: 10_000 + rank })),
  );
vendor.set("2025-12-02", [{ symbol: "AAPL", cents: 10_000 }]);

// The table: `capture_id` begins its key.
interface Tables {
  readonly prices: { readonly capture_id: string; readonly symbol: string; readonly cents: number };
}
const tables = defineMigration({
  name: "0001-prices",
  up: ({ schema, type }) => [
    schema
      .createTable("prices")
      .addColumn("capture_id", type.key, (column) => column.notNull())
      .addColumn("symbol", type.key, (column) => column.notNull())
      .addColumn("cents", type.bigint, (column) => column.notNull())
      .addPrimaryKeyConstraint("prices_key", ["capture_id", "symbol"]),
  ],
});

const slotOf = (day: string) => ({ domain: "prices", partition: day, stage: "INGEST", tier: "BRONZE" });

// The gate: what must be true of a day before readers see it.
const complete = defineGate<QualityMetrics>({
  name: "prices.daily",
  checks: [
    ...thresholds({ minRecordCount: 1, minValidRate: 0.99 }),
    historyCheck({ maxDropPercent: 30, minHistory: 3, category: "COMPLETENESS" }),
  ],
});

const ingest = definePipeline({
  key: "prices.ingest_day",
  params: z.object({ day: z.iso.date(), force: z.boolean().default(false) }),
  output: z.object({ captureId: z.string() }),
  needs: ["sql"],
  async run({ params: { day, force }, capture, commit }) {
    const rows = vendor.get(day) ?? [];
    const hash = contentHash(rows);
    const present = force ? undefined : await orThrow(capture.unchanged({ ...slotOf(day), contentHash: hash }));
    if (present !== undefined) return skipped("the same content is there", { captureId: present.captureId });

    const reason = force ? "forced" : undefined;
    const running = await orThrow(capture.begin({ ...slotOf(day), effectiveDate: day, contentHash: hash, reason }));
    await orThrow(running.insert("prices", rows));
    // Fails the step with QUALITY_GATE_FAILED when it blocks; the capture is kept, and nobody sees it.
    await orThrow(running.gate(complete, { recordCount: rows.length, invalidCount: 0 }));
    return commit(() => ({ captureId: running.captureId }));
  },
});

// What should exist: one partition for each day the exchange is open, there by six in the morning of the next business day.
const nyse = defineCalendar({ name: "XNYS", holidays: ["2025-11-27", "2025-12-25"] });
const daily = defineExpectation({
  name: "prices.daily",
  domain: "prices",
  stages: [{ stage: "INGEST", tier: "BRONZE" }],
  frequency: "business-day",
  calendar: "XNYS",
  start: "2025-11-24",
  end: "2025-12-02",
  lag: { businessDays: 1, hours: 6 },
  grace: { hours: 12 },
  produce: { run: "prices.ingest_day", params: { day: "{{ date }}" } },
});

const pipelines = [ingest] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}
const prices = definePlugin({
  name: "prices",
  domain: "prices",
  pipelines,
  migrations: [tables],
  calendars: [nyse],
  expectations: [daily],
});

const spine = await orThrow(createSpine({ store: sqlite(":memory:"), plugins: [prices] }));
const db = kyselyOf<Tables>(spine.store.sql);

console.log("1. Gaps: what should exist and does not");
const report = await orThrow(spine.expectations.gaps("prices.daily"));
console.log(
  `  ${report.gaps.length} of ${report.partitions.length} days: ${report.gaps.map((gap) => gap.partition).join(", ")}`,
);

console.log("2. A backfill: planned, looked at, frozen, worked off");
const request = { expectation: "prices.daily", mode: "missing", reason: "The first load." } as const;
const plan = await orThrow(spine.backfills.plan(request));
console.log(`  would run ${plan.target} for ${plan.counts.planned} days`);
const { backfillId } = await orThrow(spine.backfills.create(request));
const done = await orThrow(spine.backfills.run(backfillId));
console.log(`  ${done.status}: ${done.counts.completed} completed, ${done.counts.failed} failed`);

console.log("3. What the gate said");
for (const { partition, captureId, gate } of await orThrow(spine.captures.list({ gate: "BLOCK" }))) {
  const results = await orThrow(spine.store.quality.results({ captureId }));
  const failed = results.find(({ status }) => status === "FAIL");
  console.log(`  ${partition} ${gate}: ${failed?.message}`);
}

console.log("4. Whoever knows better says so");
const [blocked] = await orThrow(spine.captures.list({ partition: "2025-12-02", gate: "BLOCK" }));
await orThrow(
  spine.captures.release(blocked?.captureId ?? "", { by: "ana", why: "A half day, by the vendor's notice." }),
);
const [forgotten] = (await orThrow(spine.expectations.gaps("prices.daily"))).gaps;
await orThrow(
  spine.expectations.acceptGap("prices.daily", forgotten?.partition ?? "", {
    reason: "The vendor has none.",
    author: "ana",
  }),
);
console.log(`  gaps now: ${(await orThrow(spine.expectations.gaps("prices.daily"))).gaps.length}`);

console.log("5. A certificate: may the day be used, and on what grounds?");
const certificate = await orThrow(spine.expectations.certify("prices.daily", "2025-12-01"));
console.log(`  ready: ${certificate.ready}, from ${certificate.stages.length} capture`);

console.log("6. A restatement, and the world as it was before");
const before = (await orThrow(spine.captures.resolve(slotOf("2025-12-01"))))?.availableAt;
vendor.set(
  "2025-12-01",
  ["AAPL", "MSFT", "NVDA"].map((symbol) => ({ symbol, cents: 20_000 })),
);
await orThrow(spine.pipelines.run("prices.ingest_day", { params: { day: "2025-12-01" } }));
const filter = { domain: "prices", stage: "INGEST", partitions: ["2025-12-01"] };
const now = await currentView(db, "prices", filter).select(["symbol", "cents"]).execute();
const then = await rowsAsOf(db, "prices", { ...filter, asOf: before })
  .select(["symbol", "cents"])
  .execute();
console.log(`  now ${now.length} symbols, as of then ${then.length}`);
const { holds } = await orThrow(spine.expectations.readiness("prices.daily", "2025-12-01"));
console.log(`  the certificate ${holds ? "holds" : "does not hold any more"}`);

console.log("7. Retention: rows go, the ledger stays");
const retention = defineRetention({ domain: "prices", keepVersions: 1 });
const { store } = spine;
const dryRun = await orThrow(planRetention(retention, { store, clock: systemClock }));
for (const { capture, because, tables: from } of dryRun.captures)
  console.log(`  ${capture.partition}: ${because}, in ${from.join(", ")}`);
const { rows } = await orThrow(applyRetention(dryRun, { store }));
console.log(`  ${rows} rows removed`);

console.log("8. People who think in stages see the same ledger");
const stages = spine.captures.stages({ domain: "prices", stages: ["INGEST", "SCORE"] });
console.log(`  2025-12-01 is at ${(await orThrow(stages.latestStage("2025-12-01")))?.stage}`);
console.log(`  scored: ${await orThrow(stages.isAtLeast("2025-12-01", "SCORE"))}`);

const late = await orThrow(spine.expectations.late({ from: plainDate("2025-11-24") }));
if (late.length > 0) throw new Error("Something is late that should not be.");
await orThrow(spine.close());
