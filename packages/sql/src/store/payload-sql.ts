import type { SqlTraits } from "../traits.ts";
import type { StatementMaker } from "./statement.ts";
import { inSameSlot, isVersion, latestFirst } from "./capture-sql.ts";

/** The statements of payloads that name no data table. */
export function buildPayloadStatements(make: StatementMaker, { sharedRowLock = "", rowLock = "" }: SqlTraits) {
  return {
    /** Whoever would end the capture, or take it over, waits until the rows are written. */
    writing: make(`select * from core_manifest where capture_id = :capture_id ${sharedRowLock}`),
    register: make(
      `insert into core_capture_tables (capture_id, table_name) values (:capture_id, :table) on conflict do nothing`,
    ),
    tables: make(`select t.table_name from core_capture_tables t join core_manifest m on m.capture_id = t.capture_id
      where t.capture_id = :capture_id and m.payload_removed_at is null order by t.table_name`),
    leftovers: make(`select m.capture_id from core_manifest m
      where m.status in ('FAILED', 'UNCHANGED') and m.payload_removed_at is null
        and exists (select 1 from core_capture_tables t where t.capture_id = m.capture_id)
      order by m.started_at, m.capture_id limit :limit`),
    removing: make(`select r.*, (
        select v.capture_id from core_manifest v where ${inSameSlot("v", "r")} and ${isVersion("v")} order by ${latestFirst("v")} limit 1
      ) as present_id from core_manifest r where r.capture_id = :capture_id ${rowLock}`),
    /** In the commit that takes the first rows: nobody may take what is left for the whole. */
    removalBegun: make("update core_manifest set removal_begun_at = :now where capture_id = :capture_id"),
    removed: make("update core_manifest set payload_removed_at = :now where capture_id = :capture_id"),
  };
}

export type PayloadStatements = ReturnType<typeof buildPayloadStatements>;
