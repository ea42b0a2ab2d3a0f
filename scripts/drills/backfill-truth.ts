import { type Capture, orThrow, slotText, sweepCaptures } from "@spine/core";
import type { Spine } from "@spine/orchestration";
import { domain, slotOf } from "spine-plugin-finra-otc";
import type { WeekTruth } from "spine-plugin-finra-otc/testing";

/** A week the backfill had to do, and what must have come of it. */
export interface ExpectedWeek {
  readonly week: string;
  readonly truth: WeekTruth;
}

const tables = ["raw", "normalized", "symbol_summary", "venue_share", "rolling"].map((table) => `finra_otc_${table}`);
const stages = ["INGEST", "NORMALIZE", "AGGREGATE", "VENUE_SHARE", "ROLLING"] as const;
const windowWeeks = 6;
const limit = 100_000;

/** What is untrue of a backfill whose process was killed and that nobody has touched since. */
export async function untruthsOfInterruptedBackfill(spine: Spine, backfillId: string): Promise<readonly string[]> {
  const captures = await orThrow(spine.captures.list({ domain, limit }));
  const problems = [...(await untruthsOfLedger(spine, captures))];
  const { status, counts, maxParallel } = await orThrow(spine.backfills.get(backfillId));
  if (status !== "RUNNING" && status !== "PLANNED") problems.push(`the backfill is ${status}, and it was killed`);
  if (counts.running > maxParallel) problems.push(`${counts.running} weeks run at once, and ${maxParallel} may`);
  const completeOf = new Map<string | undefined, number>();
  for (const capture of captures)
    if (capture.status === "COMPLETE") completeOf.set(capture.runId, (completeOf.get(capture.runId) ?? 0) + 1);
  for (const { runId, partition } of await orThrow(spine.backfills.items(backfillId, { status: "COMPLETED", limit }))) {
    const complete = completeOf.get(runId) ?? 0;
    if (complete !== stages.length)
      problems.push(`${partition} is done and has ${complete} of ${stages.length} captures`);
  }
  return problems;
}

/** What is untrue of a backfill that went on to its end, however often it was killed. */
export async function untruthsOfBackfill(
  spine: Spine,
  backfillId: string,
  weeks: readonly ExpectedWeek[],
): Promise<readonly string[]> {
  await orThrow(sweepCaptures(spine.store));
  const captures = await orThrow(spine.captures.list({ domain, limit }));
  return [
    ...(await untruthsOfLedger(spine, captures)),
    ...(await untruthsOfItems(spine, backfillId, weeks.length)),
    ...(await untruthsOfRest(spine, captures)),
    ...(await untruthsOfWeeks(spine, captures, weeks)),
  ];
}

/** Holds at every instant: readers see whole captures and nothing else, and no slot was captured twice. */
async function untruthsOfLedger(spine: Spine, captures: readonly Capture[]): Promise<readonly string[]> {
  const problems: string[] = [];
  const rows = await rowsByCapture(spine);
  const seen = new Set<string>();
  for (const stage of stages)
    for (const { current } of await orThrow(spine.store.captures.heads({ domain, stage })))
      if (current !== undefined) seen.add(current.captureId);
  const timesCaptured = new Map<string, number>();
  for (const capture of captures) {
    const { captureId, status, rowCount } = capture;
    const slot = slotText(capture);
    if (status !== "COMPLETE") {
      if (seen.has(captureId)) problems.push(`readers see ${slot}, which is ${status}`);
      continue;
    }
    timesCaptured.set(slot, (timesCaptured.get(slot) ?? 0) + 1);
    if (!seen.has(captureId)) problems.push(`${slot} is COMPLETE and nobody sees it`);
    const written = rows.get(captureId) ?? 0;
    if (written !== rowCount) problems.push(`${slot} says ${rowCount} rows and has ${written}`);
  }
  for (const [slot, times] of timesCaptured) if (times > 1) problems.push(`${slot} was captured ${times} times`);
  return problems;
}

async function untruthsOfItems(spine: Spine, backfillId: string, total: number): Promise<readonly string[]> {
  const problems: string[] = [];
  const { status, counts } = await orThrow(spine.backfills.get(backfillId));
  if (status !== "COMPLETED") problems.push(`the backfill ended ${status}`);
  if (counts.completed !== total) problems.push(`${counts.completed} of ${total} weeks are done`);
  const runs = await orThrow(spine.store.history.list({ limit }));
  if (runs.length !== total) problems.push(`${runs.length} runs for ${total} weeks`);
  const ended = new Map<string, string>(runs.map((run) => [run.runId, run.status]));
  for (const { partition, runId = "" } of await orThrow(spine.backfills.items(backfillId, { limit })))
    if (ended.get(runId) !== "COMPLETED")
      problems.push(`the run of ${partition} is ${ended.get(runId) ?? "not there"}`);
  return problems;
}

/** Nothing is left of what was cut off. */
async function untruthsOfRest(spine: Spine, captures: readonly Capture[]): Promise<readonly string[]> {
  const problems: string[] = [];
  const complete = new Set(captures.flatMap(({ status, captureId }) => (status === "COMPLETE" ? [captureId] : [])));
  for (const [captureId, rows] of await rowsByCapture(spine))
    if (!complete.has(captureId)) problems.push(`${rows} rows of capture ${captureId} were not swept`);
  for (const capture of captures) {
    if (capture.status === "RUNNING") problems.push(`${slotText(capture)} is still RUNNING`);
    if (capture.staleAt !== undefined) problems.push(`${slotText(capture)} is stale`);
  }
  return problems;
}

async function untruthsOfWeeks(
  spine: Spine,
  captures: readonly Capture[],
  weeks: readonly ExpectedWeek[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  const bySlot = new Map(
    captures.flatMap((capture) => (capture.status === "COMPLETE" ? [[slotText(capture), capture]] : [])),
  );
  const sums = await sharesByCapture(spine);
  for (const { week, truth } of weeks) {
    for (const stage of stages) {
      const weeksOf = stage === "ROLLING" ? { weeks: windowWeeks } : {};
      const slot = slotText(slotOf(stage, { week, tier: "OTC", ...weeksOf }));
      const capture = bySlot.get(slot);
      if (capture === undefined) problems.push(`${slot} is lost`);
      else if (stage === "NORMALIZE" && capture.rowCount !== truth.normalized)
        problems.push(`${slot} has ${capture.rowCount} rows, the file ${truth.normalized}`);
      const shares = sums.get(capture?.captureId ?? "");
      if (shares !== undefined && shares !== truth.totalShares)
        problems.push(`${slot} sums to ${shares} shares, the file to ${truth.totalShares}`);
    }
  }
  return problems;
}

/** Rows of each capture in the data tables, whatever its status. */
async function rowsByCapture({ store }: Spine): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const sql = `select capture_id, count(*) as count from ${table} group by capture_id`;
    const { rows } = await orThrow(store.sql.execute<{ capture_id: string; count: number | string }>(sql));
    for (const { capture_id: captureId, count } of rows)
      counts.set(captureId, (counts.get(captureId) ?? 0) + Number(count));
  }
  return counts;
}

/** Shares of each capture of the three stages that have them. */
async function sharesByCapture({ store }: Spine): Promise<ReadonlyMap<string, bigint>> {
  const sums = new Map<string, bigint>();
  const columns = [
    ["finra_otc_normalized", "shares"],
    ["finra_otc_symbol_summary", "total_shares"],
    ["finra_otc_venue_share", "total_shares"],
  ] as const;
  for (const [table, column] of columns) {
    const sql = `select capture_id, sum(${column}) as shares from ${table} group by capture_id`;
    const { rows } = await orThrow(store.sql.execute<{ capture_id: string; shares: number | bigint | string }>(sql));
    for (const { capture_id: captureId, shares } of rows) sums.set(captureId, BigInt(shares));
  }
  return sums;
}
