import type { SqlTraits } from "../traits.ts";
import type { StatementMaker } from "./statement.ts";

/** The statements by which processes share a backfill. Its row is locked first, so that they take turns. */
export function buildBackfillStatements(make: StatementMaker, { rowLock = "" }: SqlTraits) {
  const ofBackfill = "backfill_id = :backfill_id";
  const begun = `update core_backfill_items set status = 'RUNNING', owner = :owner, run_id = coalesce(run_id, :run_id),
    attempt = attempt + 1, started_at = coalesce(started_at, :now)
    where ${ofBackfill} and position = :position returning *`;
  return {
    locked: make(`select * from core_backfills where ${ofBackfill} ${rowLock}`),
    counts: make(`select status, count(*) as count from core_backfill_items where ${ofBackfill} group by status`),
    /** What somebody left behind: its owner is known to be gone, or has no lease. */
    left: make(`select position from core_backfill_items i where ${ofBackfill} and status = 'RUNNING' and owner <> :owner and (
        owner in (select value from [dead_owners] as given)
        or not exists (select 1 from core_owners o where o.owner = i.owner and o.lease_until > :now)
      ) order by position limit 1`),
    pending: make(`select position from core_backfill_items where ${ofBackfill} and status = 'PENDING'
      and (select count(*) from core_backfill_items where ${ofBackfill} and status = 'RUNNING') < cast(:max_parallel as integer)
      order by position limit 1`),
    begin: make(begun),
    settle: make(`update core_backfill_items set status = :status, error = :error, owner = null,
      completed_at = case when cast(:status as text) <> 'PENDING' then :now end
      where ${ofBackfill} and position = :position and status = 'RUNNING' and owner = :owner`),
    cancelItems: make(
      `update core_backfill_items set status = 'CANCELLED', completed_at = :now where ${ofBackfill} and status = 'PENDING'`,
    ),
    move: make(`update core_backfills set status = :status,
      started_at = case when cast(:status as text) = 'RUNNING' then coalesce(started_at, :now) else started_at end,
      completed_at = case when cast(:ended as integer) = 1 then :now end
      where ${ofBackfill} returning *`),
    retryItems:
      make(`update core_backfill_items set status = 'PENDING', run_id = null, error = null, started_at = null, completed_at = null
      where ${ofBackfill} and status = 'FAILED'`),
  };
}

export type BackfillStatements = ReturnType<typeof buildBackfillStatements>;
