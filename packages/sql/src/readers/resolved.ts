import type { CaptureClock, Instant } from "@spine/core";
import { type RawBuilder, sql } from "kysely";
import { isVersion } from "../store/capture-sql.ts";
import type { SqlTraits } from "../traits.ts";

/** Whose rows are wanted, and as of when: each partition as `CaptureStore.resolve` would find it. */
export interface AsOfFilter {
  readonly domain: string;
  readonly stage: string;
  /** @defaultValue any tier: the last capture of them all */
  readonly tier?: string | undefined;
  /** @defaultValue all of them */
  readonly partitions?: readonly string[] | undefined;
  /** @defaultValue the present */
  readonly asOf?: Instant | undefined;
  /** @defaultValue "available" */
  readonly clock?: CaptureClock | undefined;
  /** A run with an `asOf` of its own: what it and its child runs wrote comes before what the world had then. */
  readonly runId?: string | undefined;
}

const clockColumns = { available: "available_at", captured: "captured_at", published: "published_at" } as const;

/**
 * The ids of the captures that a filter resolves to, one for each partition, as a subquery.
 * @param traits of the engine that runs it; without them it takes no more partitions than a statement has parameters
 */
export function resolvedIds(
  { domain, stage, tier, partitions, asOf, clock = "available", runId }: AsOfFilter,
  traits: SqlTraits | undefined,
): RawBuilder<string> {
  const column = sql.ref<Instant>(`m.${clockColumns[clock]}`);
  const version = sql.raw(isVersion("m"));
  const seen = asOf === undefined ? sql`(${version})` : sql`(${version} and ${column} <= ${asOf})`;
  const wanted = [
    sql`m.domain = ${domain}`,
    sql`m.stage = ${stage}`,
    ...(tier === undefined ? [] : [sql`m.tier = ${tier}`]),
    ...(partitions === undefined ? [] : [sql`m.partition_key in ${listOf(partitions, traits)}`]),
    runId === undefined ? seen : sql`(${seen} or (${ownOf(runId)}))`,
  ];
  // A version without the clock comes last, and engines disagree on where nulls are. Of a run's own the content does not count.
  return sql<string>`(
    select ranked.capture_id from (
      select m.capture_id, row_number() over (
        partition by m.partition_key
        order by case when m.as_of is null then 1 else 0 end,
          case when m.as_of is null and ${column} is null then 1 else 0 end,
          case when m.as_of is null then ${column} else m.available_at end desc,
          m.available_at desc, case when m.as_of is null then coalesce(m.content_hash, '') else '' end desc, m.capture_id desc
      ) as place
      from core_manifest as m where ${sql.join(wanted, sql` and `)}
    ) as ranked where ranked.place = 1
  )`;
}

function listOf(texts: readonly string[], traits: SqlTraits | undefined): RawBuilder<unknown> {
  if (traits === undefined) return texts.length === 0 ? sql`(null)` : sql`(${sql.join(texts)})`;
  const [before = "", after = ""] = traits.jsonTexts.split("?");
  return sql`(select value from ${sql.raw(before)}${JSON.stringify(texts)}${sql.raw(after)} as given)`;
}

/** Captures that a run with an `asOf` and its child runs made; a child's id is its parent's and more behind a colon. */
function ownOf(runId: string): RawBuilder<unknown> {
  return sql`m.as_of is not null and m.status = 'COMPLETE' and (m.gate is null or m.gate not in ('QUARANTINE', 'BLOCK'))
    and (m.run_id = ${runId} or (m.run_id >= ${`${runId}:`} and m.run_id < ${`${runId};`}))`;
}
