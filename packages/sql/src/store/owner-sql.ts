import type { SqlTraits } from "../traits.ts";
import type { StatementMaker } from "./statement.ts";

/**
 * A heartbeat renews the owner's lease and that of what it captures. A capture whose row a transaction has locked is left out: the
 * heartbeat waits for nobody, and whoever would take the capture over waits for that lock too.
 */
export function buildOwnerStatements(make: StatementMaker, { freeRowLock = "" }: SqlTraits) {
  const owner = `insert into core_owners (owner, place, pid, started_at, lease_until)
    values (:owner, :place, :pid, :now, :now+lease_ms)
    on conflict (owner) do update set place = excluded.place, pid = excluded.pid, lease_until = excluded.lease_until`;
  const captures = `update core_manifest set lease_until = :now+lease_ms, heartbeat_at = :now
    where capture_id in (select capture_id from core_manifest where status = 'RUNNING' and owner = :owner ${freeRowLock})`;
  return {
    owner: make(owner),
    captures: make(captures),
    /** Both, for engines that write in a `with`. */
    beat: make(`with renewed as (${captures}) ${owner}`),
    retire: make("delete from core_owners where owner = :owner"),
  };
}

export type OwnerStatements = ReturnType<typeof buildOwnerStatements>;
