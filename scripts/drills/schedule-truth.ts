import { instantOfMs, orThrow, type Store } from "@spine/core";

interface FiringRow {
  readonly schedule: string;
  readonly instant: string;
  readonly status: string;
  readonly reason: string | null;
  readonly run_id: string;
}

/** What is wrong with the rows of schedules of every second: an instant without exactly one row, a row without one run or one reason. */
export async function untruthsOfSchedules(
  store: Store,
  { schedules, startMs, endMs }: { readonly schedules: number; readonly startMs: number; readonly endMs: number },
): Promise<{ readonly untruths: readonly string[]; readonly fired: number; readonly skipped: number }> {
  const { rows } = await orThrow(
    store.sql.execute<FiringRow>("select schedule, instant, status, reason, run_id from core_schedule_firings"),
  );
  const runs = await orThrow(
    store.sql.execute<{ readonly run_id: string; readonly status: string }>(
      "select run_id, status from core_workflow_runs",
    ),
  );
  const statusOf = new Map<string, string>(runs.rows.map(({ run_id, status }) => [run_id, status]));
  const found = new Map<string, FiringRow>(rows.map((row) => [`${row.schedule} ${row.instant}`, row]));
  const untruths: string[] = [];
  let fired = 0;
  for (let index = 0; index < schedules; index += 1) {
    for (let epochMs = startMs; epochMs <= endMs; epochMs += 1000) {
      const key = `drill.${index} ${instantOfMs(epochMs)}`;
      const row = found.get(key);
      found.delete(key);
      if (row === undefined) untruths.push(`${key} has no row`);
      else if (row.status === "SKIPPED" && row.reason === null) untruths.push(`${key} was skipped without a reason`);
      else if (row.status === "SKIPPED" && statusOf.has(row.run_id)) untruths.push(`${key} was skipped and ran`);
      else if (row.status !== "SKIPPED") {
        fired += 1;
        const status = statusOf.get(row.run_id);
        if (status !== row.status) untruths.push(`${key} is ${row.status}, its run is ${status ?? "not there"}`);
      }
    }
  }
  untruths.push(...[...found.keys()].map((key) => `${key} was not due`));
  if (statusOf.size !== fired) untruths.push(`${statusOf.size} runs for ${fired} instants that fired`);
  return { untruths, fired, skipped: rows.length - fired };
}
