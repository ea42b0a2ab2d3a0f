import { type RawBuilder, sql } from "kysely";
import { inSameSlot, isVersion } from "../store/capture-sql.ts";

/** Of which captures a view shows rows. @defaultValue those of every domain, stage and tier that have rows in the table */
export interface CurrentViewOptions {
  readonly domain?: string;
  readonly stage?: string;
  readonly tier?: string;
  /** @defaultValue `<table>_current` */
  readonly name?: string;
}

/**
 * The query of a view that shows, of each slot, the rows of the capture readers see now. Its texts are literals, as a view has no
 * parameters.
 */
export function currentRows(table: string, { domain, stage, tier }: CurrentViewOptions): RawBuilder<unknown> {
  const only = [
    ...(domain === undefined ? [] : [sql`m.domain = ${sql.lit(domain)}`]),
    ...(stage === undefined ? [] : [sql`m.stage = ${sql.lit(stage)}`]),
    ...(tier === undefined ? [] : [sql`m.tier = ${sql.lit(tier)}`]),
    sql.raw<boolean>(isVersion("m")),
  ];
  return sql`select t.* from ${sql.table(table)} as t where exists (
    select 1 from core_manifest as m where m.capture_id = t.capture_id and ${sql.join(only, sql` and `)} and not exists (
      select 1 from core_manifest as v where ${sql.raw(inSameSlot("v", "m"))} and ${sql.raw(isVersion("v"))}
        and v.available_at >= m.available_at
        and (v.available_at, coalesce(v.content_hash, ''), v.capture_id) > (m.available_at, coalesce(m.content_hash, ''), m.capture_id)
    )
  )`;
}
