import { sqlite } from "@spine/adapters-sqlite";
import { type Capture, orThrow, slotText, SpineError } from "@spine/core";
import { createSpine, type Spine } from "@spine/orchestration";
import { kyselyOf } from "@spine/sql";
import { finraOtc, type FinraTables, slotOf } from "spine-plugin-finra-otc";
import { databasePath } from "./project.ts";
import type { DemoWeek } from "./weeks.ts";

/** What a week came to, as the database has it. */
export interface WeekResult {
  readonly week: string;
  readonly runId: string;
  readonly recordsIn: number;
  readonly normalized: number;
  readonly rejected: number;
  readonly totalShares: bigint;
  readonly totalTrades: bigint;
  /** Reason → how many records, the most frequent first. */
  readonly rejectedByReason: readonly (readonly [reason: string, count: number])[];
}

export interface Ranked {
  readonly name: string;
  readonly detail: string;
  readonly shares: bigint;
  readonly trades: bigint;
}

export interface DemoResults {
  readonly weeks: readonly [first: WeekResult, second: WeekResult];
  /** Of the second week. */
  readonly topSymbols: readonly Ranked[];
  readonly topVenues: readonly Ranked[];
}

const top = 5;

/** Reads the current captures of the weeks. */
export async function readResults([first, second]: readonly [DemoWeek, DemoWeek]): Promise<DemoResults> {
  const spine = await orThrow(createSpine({ store: sqlite(databasePath), plugins: [finraOtc] }));
  try {
    return {
      weeks: [await weekResult(spine, first), await weekResult(spine, second)],
      topSymbols: await topSymbols(spine, second),
      topVenues: await topVenues(spine, second),
    };
  } finally {
    await spine.close();
  }
}

/** The capture of a week's file that readers see now. */
export async function seenIngest({ week, tier }: DemoWeek): Promise<string> {
  const spine = await orThrow(createSpine({ store: sqlite(databasePath), plugins: [finraOtc] }));
  try {
    return (await currentCapture(spine, "INGEST", { week, tier })).captureId;
  } finally {
    await spine.close();
  }
}

async function weekResult(spine: Spine, { week, tier }: DemoWeek): Promise<WeekResult> {
  const { anomalies } = spine.store;
  const ingest = await currentCapture(spine, "INGEST", { week, tier });
  const normalize = await currentCapture(spine, "NORMALIZE", { week, tier });
  const counts = new Map<string, number>();
  for (const { captureId } of [ingest, normalize]) {
    for (const { reasonCode, count } of await orThrow(anomalies.rejectCounts({ captureId }))) {
      counts.set(reasonCode, (counts.get(reasonCode) ?? 0) + count);
    }
  }
  const rows = await kyselyOf<FinraTables>(spine.store.sql)
    .selectFrom("finra_otc_normalized")
    .select(({ fn }) => [fn.sum("shares").as("shares"), fn.sum("trades").as("trades")])
    .where("capture_id", "=", normalize.captureId)
    .executeTakeFirstOrThrow();
  return {
    week,
    runId: ingest.runId ?? "",
    recordsIn: (ingest.rowCount ?? 0) + (ingest.rejectCount ?? 0),
    normalized: normalize.rowCount ?? 0,
    rejected: (ingest.rejectCount ?? 0) + (normalize.rejectCount ?? 0),
    totalShares: BigInt(rows.shares ?? 0),
    totalTrades: BigInt(rows.trades ?? 0),
    rejectedByReason: [...counts].toSorted(([, a], [, b]) => b - a),
  };
}

type Stage = Parameters<typeof slotOf>[0];
type Partition = Parameters<typeof slotOf>[1];

async function currentCapture(spine: Spine, stage: Stage, partition: Partition): Promise<Capture> {
  const slot = slotOf(stage, partition);
  const capture = await orThrow(spine.captures.resolve(slot));
  if (capture !== undefined) return capture;
  throw new SpineError("CAPTURE_NOT_FOUND", `There is no capture of ${slotText(slot)}.`);
}

async function topSymbols(spine: Spine, { week, tier }: DemoWeek): Promise<readonly Ranked[]> {
  const { captureId } = await currentCapture(spine, "AGGREGATE", { week, tier });
  const rows = await kyselyOf<FinraTables>(spine.store.sql)
    .selectFrom("finra_otc_symbol_summary")
    .select(["symbol", "issue_name", "total_shares", "total_trades"])
    .where("capture_id", "=", captureId)
    .orderBy("total_shares", "desc")
    .limit(top)
    .execute();
  return rows.map((row) => ({
    name: row.symbol,
    detail: row.issue_name ?? "",
    shares: BigInt(row.total_shares),
    trades: BigInt(row.total_trades),
  }));
}

async function topVenues(spine: Spine, { week, tier }: DemoWeek): Promise<readonly Ranked[]> {
  const { captureId } = await currentCapture(spine, "VENUE_SHARE", { week, tier });
  const rows = await kyselyOf<FinraTables>(spine.store.sql)
    .selectFrom("finra_otc_venue_share")
    .select(["mpid", "share", "total_shares", "total_trades"])
    .where("capture_id", "=", captureId)
    .orderBy("venue_rank")
    .limit(top)
    .execute();
  return rows.map((row) => ({
    name: row.mpid,
    detail: `${(row.share * 100).toFixed(1)} %`,
    shares: BigInt(row.total_shares),
    trades: BigInt(row.total_trades),
  }));
}
