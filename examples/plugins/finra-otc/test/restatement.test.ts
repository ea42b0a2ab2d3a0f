import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Instant, nowOf, orThrow, weekEnding } from "@spine/core";
import type { Spine } from "@spine/orchestration";
import { diffCaptures, rowsAsOf } from "@spine/sql";
import { fakeClock } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import {
  finraOtcSince,
  type FinraStage,
  rollingExpectation,
  slotOf,
  weeklyExpectation,
  weeklyRefresh,
} from "../src/index.ts";
import { generateWeek } from "../src/testing.ts";
import { openSpine, type Opened } from "./open-spine.ts";

const first = weekEnding("2025-11-14");
const second = weekEnding("2025-11-21");
const names = ["finra_otc_weekly_otc_20251215.csv", "finra_otc_weekly_otc_20251222.csv"] as const;
const sample = fileURLToPath(new URL("../../../../../shared/data/finra", import.meta.url));

/** Two weeks of files: FINRA's own where they are at hand, and generated ones always. */
const sources = [
  ["generated", [first, second].map((week) => generateWeek({ week, rows: 400, traps: false }).text)],
  ...(names.every((name) => existsSync(join(sample, name)))
    ? [["FINRA's own", names.map((name) => readFileSync(join(sample, name), "utf8"))] as const]
    : []),
] as const;

/**
 * A week as somebody corrects it by hand: the first record trades 1,000 shares more, the second nothing, so that the rules refuse it, and one is
 * new.
 */
function corrected(text: string): string {
  const [header = "", one = "", two = "", ...others] = text.trimEnd().split("\n");
  const fields = (line: string, change: (shares: number, trades: number) => readonly [number, number]): string => {
    const cells = line.split("|");
    const changed = change(Number(cells[5]), Number(cells[6]));
    return cells.with(5, String(changed[0])).with(6, String(changed[1])).join("|");
  };
  const added = "OTC|ZZNEW|Zenith New Corp. Common Stock|OTCN OTC LINK NQB IDQS|OTCN|5000|5|2025-12-15";
  const more = fields(one, (shares, trades) => [shares + 1000, trades]);
  return [header, more, fields(two, () => [0, 0]), ...others, added, ""].join("\n");
}

/** The sum of the shares of a file, by nothing but splitting its lines. */
function sharesOf(text: string): bigint {
  const [, ...lines] = text.trimEnd().split("\n");
  return lines.reduce((sum, line) => sum + BigInt(line.split("|")[5] ?? 0), 0n);
}

interface Report {
  readonly aggregate: bigint;
  readonly venues: bigint;
}

/** The report of the first week as somebody would have seen it at an instant. */
async function reportOf({ db }: Opened, asOf?: Instant): Promise<Report> {
  const { partition } = slotOf("AGGREGATE", { week: first, tier: "OTC" });
  const filter = { domain: "finra.otc", partitions: [partition], asOf };
  const symbols = await rowsAsOf(db, "finra_otc_symbol_summary", { ...filter, stage: "AGGREGATE" })
    .select("total_shares")
    .execute();
  const venues = await rowsAsOf(db, "finra_otc_venue_share", { ...filter, stage: "VENUE_SHARE" })
    .select("total_shares")
    .execute();
  const sum = (rows: readonly { readonly total_shares: number | bigint }[]): bigint =>
    rows.reduce((total, { total_shares: shares }) => total + BigInt(shares), 0n);
  return { aggregate: sum(symbols), venues: sum(venues) };
}

async function presentOf(spine: Spine, stage: FinraStage, week: string): Promise<string> {
  const weeks = stage === "ROLLING" ? { weeks: 6 } : {};
  const capture = await orThrow(spine.captures.resolve(slotOf(stage, { week, tier: "OTC", ...weeks })));
  return capture?.captureId ?? "";
}

/** Everything in the ledger that is stale and that readers see, as `stage week`. */
async function staleOf(spine: Spine): Promise<readonly string[]> {
  const stale = await orThrow(spine.captures.list({ domain: "finra.otc", stale: true }));
  const present = await Promise.all(
    stale.map(async ({ captureId, domain, partition, stage, tier }) => {
      const current = await orThrow(spine.captures.resolve({ domain, partition, stage, tier }));
      return current?.captureId === captureId ? [`${stage} ${/\d{4}-\d{2}-\d{2}/.exec(partition)?.[0]}`] : [];
    }),
  );
  return present.flat().toSorted();
}

describe.each(sources)("a week that is restated (%s)", (_what, [firstText = "", secondText = ""]) => {
  it(
    "is told by a diff, makes its dependants stale, and is repaired where it is stale and nowhere else",
    { timeout: 60_000 },
    async () => {
      const clock = fakeClock("2025-12-23T00:00:00Z");
      const opened = await openSpine({ clock, plugins: [finraOtcSince({ since: first, tiers: ["OTC"] })] });
      const { spine, folder } = opened;
      await writeFile(join(folder, names[0]), firstText);
      await writeFile(join(folder, names[1]), secondText);
      for (const name of names)
        await orThrow(spine.workflows.run(weeklyRefresh, { params: { file: join(folder, name) } }));
      const then = nowOf(clock);
      const before = sharesOf(firstText);
      expect(await reportOf(opened)).toEqual({ aggregate: before, venues: before });
      const old = {
        ingest: await presentOf(spine, "INGEST", first),
        normalize: await presentOf(spine, "NORMALIZE", first),
      };

      clock.set("2025-12-30T00:00:00Z");
      const text = corrected(firstText);
      await writeFile(join(folder, names[0]), text);
      await orThrow(spine.pipelines.run("finra.otc.ingest_week", { params: { file: join(folder, names[0]) } }));

      const restated = await presentOf(spine, "INGEST", first);
      const raw = await orThrow(diffCaptures(spine.store.sql, { from: old.ingest, to: restated }));
      expect(raw.tables).toMatchObject([{ table: "finra_otc_raw", added: 1, removed: 0, changed: 2 }]);
      expect(raw.tables[0]?.examples.changed.map(({ key }) => key["line_number"])).toEqual([2, 3]);
      const staleAfter = [
        `AGGREGATE ${first}`,
        `NORMALIZE ${first}`,
        `ROLLING ${first}`,
        `ROLLING ${second}`,
        `VENUE_SHARE ${first}`,
      ];
      expect(await staleOf(spine)).toEqual(staleAfter);
      // Nobody has computed anything yet: readers go on with what they had.
      expect(await reportOf(opened)).toEqual({ aggregate: before, venues: before });

      const count = (await orThrow(spine.captures.list({ domain: "finra.otc", limit: 1000 }))).length;
      const repair = { mode: "stale", reason: "FINRA corrected a week" } as const;
      const weeks = await orThrow(
        spine.backfills.create({ ...repair, expectation: weeklyExpectation("OTC"), params: { directory: folder } }),
      );
      const windows = weeklyThenWindows(spine, weeks.backfillId, repair);
      expect(await windows).toEqual({ weeks: 1, windows: 1 });
      const made = (await orThrow(spine.captures.list({ domain: "finra.otc", limit: 1000 }))).slice(0, -count);
      expect(
        made.map(({ stage, partition }) => `${stage} ${/\d{4}-\d{2}-\d{2}/.exec(partition)?.[0]}`).toSorted(),
      ).toEqual(staleAfter);
      expect(await staleOf(spine)).toEqual([]);

      const after = sharesOf(text);
      expect(after).not.toBe(before);
      expect(await reportOf(opened)).toEqual({ aggregate: after, venues: after });
      expect(await reportOf(opened, then)).toEqual({ aggregate: before, venues: before });
      const normalized = await orThrow(
        diffCaptures(spine.store.sql, { from: old.normalize, to: await presentOf(spine, "NORMALIZE", first) }),
      );
      expect(normalized.tables).toMatchObject([{ table: "finra_otc_normalized", added: 1, removed: 1, changed: 1 }]);

      const present = await presentOf(spine, "AGGREGATE", first);
      const params = { week: first, tier: "OTC", force: true } as const;
      const again = await orThrow(spine.pipelines.run("finra.otc.aggregate_week", { params, asOf: then }));
      expect(again.outputs["aggregate_week"]).toMatchObject({ totalShares: before.toString() });
      expect(await presentOf(spine, "AGGREGATE", first)).toBe(present);
      expect(await reportOf(opened)).toEqual({ aggregate: after, venues: after });
      expect(await staleOf(spine)).toEqual([]);
    },
  );
});

/** Weeks first, as windows rest on them. Resolves to how many partitions each backfill did. */
async function weeklyThenWindows(
  spine: Spine,
  weeklyBackfill: string,
  repair: { readonly mode: "stale"; readonly reason: string },
): Promise<{ readonly weeks: number; readonly windows: number }> {
  const weeks = await orThrow(spine.backfills.run(weeklyBackfill));
  const { backfillId } = await orThrow(
    spine.backfills.create({ ...repair, expectation: rollingExpectation("OTC", 6) }),
  );
  const windows = await orThrow(spine.backfills.run(backfillId));
  return { weeks: weeks.counts.completed, windows: windows.counts.completed };
}
