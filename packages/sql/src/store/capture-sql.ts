import type { SqlTraits } from "../traits.ts";
import type { StatementMaker } from "./statement.ts";

/** What a row `v` of the manifest must be for readers to see it; the index `core_manifest_versions` holds no others. */
export function isVersion(v: string): string {
  return `${v}.status = 'COMPLETE' and ${v}.as_of is null and ${v}.available_at is not null`;
}

/** core's `compareVersions` as an order, the last version first. */
export function latestFirst(v: string): string {
  return `${v}.available_at desc, coalesce(${v}.content_hash, '') desc, ${v}.capture_id desc`;
}

const earliestFirst = (v: string): string => latestFirst(v).replaceAll(" desc", "");

const slotColumns = ["domain", "stage", "partition_key", "tier"] as const;

export function inSameSlot(left: string, right: string): string {
  return slotColumns.map((column) => `${left}.${column} = ${right}.${column}`).join(" and ");
}

const inGivenSlot = "domain = :domain and stage = :stage and partition_key = :partition and tier = :tier";

/** Content nobody hashed is never known to be the same. */
const differs = (v: string, hash: string): string =>
  `(${v}.content_hash is null or ${hash} is null or ${v}.content_hash <> ${hash})`;

const ended = "completed_at = :now, lease_until = null, heartbeat_at = null";

/**
 * The restatement that makes stale what is computed from the captures that `inputs` selects as `capture_id`, in a row as `restated_by`;
 * null when there is none: one of the captures is stale itself, or its slot went on to other content.
 */
function restatementOf(inputs: string): string {
  return `(
    select min(coalesce(i.stale_by, (
      select v.capture_id from core_manifest v
      where ${inSameSlot("v", "i")} and ${isVersion("v")} and ${differs("v", "i.content_hash")} and v.available_at >= i.available_at
        and (v.available_at, coalesce(v.content_hash, ''), v.capture_id) > (i.available_at, coalesce(i.content_hash, ''), i.capture_id)
      order by ${earliestFirst("v")} limit 1
    ))) as restated_by
    from (${inputs}) as given
    join core_manifest g on g.capture_id = given.capture_id
    join core_manifest i on i.capture_id = coalesce(g.same_as, g.capture_id)
    where i.as_of is null and (i.stale_at is not null or (${isVersion("i")}))
  )`;
}

const ownInputs = "select input_capture_id as capture_id from core_capture_inputs where capture_id = :capture_id";

/** The statements of the ledger, their texts made once, when the store opens. */
export function buildCaptureStatements(make: StatementMaker, traits: SqlTraits) {
  const { ledgerLock, rowLock = "" } = traits;
  const ofRow = rowLock === "" ? "" : `${rowLock} of r`;
  const shared = ledgerLock === undefined ? "" : `, ${ledgerLock.shared} as locked`;
  const presentOfSlot = `select v.capture_id from core_manifest v where ${inSameSlot("v", "r")} and ${isVersion("v")}
    order by ${latestFirst("v")} limit 1`;
  const insert = `insert into core_manifest (
      capture_id, domain, partition_key, stage, tier, status, started_at, effective_date, published_at, content_hash, reason,
      run_id, step, owner, lease_until, heartbeat_at, as_of, imported, import_at
    ) values (
      :capture_id, :domain, :partition, :stage, :tier, 'RUNNING', :now, :effective_date, :published_at, :content_hash, :reason,
      :run_id, :step, :owner, :now+lease_ms, case when cast(:owner as text) is not null then :now end, :as_of, :imported, :import_at
    ) on conflict (domain, partition_key, stage, tier) where status = 'RUNNING' do nothing returning *`;
  const link = (
    captureId: string,
    from: string,
  ): string => `insert into core_capture_inputs (capture_id, input_capture_id)
    select distinct ${captureId}, coalesce(m.same_as, given.value) from ${from}
    left join core_manifest m on m.capture_id = given.value
    where coalesce(m.same_as, given.value) <> ${captureId} on conflict do nothing`;

  return {
    insert: make(insert),
    /** For engines that write in a `with`: start and inputs are one statement. */
    insertWithInputs:
      make(`with started as (${insert}), linked as (${link("started.capture_id", "started cross join [inputs] as given")})
      select * from started`),
    link: make(link("cast(:capture_id as text)", "[inputs] as given")),
    holder: make(`select *, :now as present from core_manifest where ${inGivenSlot} and status = 'RUNNING'`),
    takeOver: make(`update core_manifest set status = 'FAILED', error = :error, ${ended}
      where capture_id = :capture_id and status = 'RUNNING' and (lease_until <= :now or cast(:dead as integer) = 1)`),
    fail: make(
      `update core_manifest set status = 'FAILED', error = :error, ${ended} where capture_id = :capture_id and status = 'RUNNING'`,
    ),
    /**
     * Ends a capture that a gate lets through, when it is the first of its slot and computed from nothing: then it restates nothing, nothing
     * restates it, and there is nothing to look at or to lock before. No row when it is another one.
     */
    endFirst:
      make(`update core_manifest as r set status = 'COMPLETE', completed_at = :now, captured_at = :now, available_at = :now,
        row_count = :row_count, reject_count = :reject_count, content_hash = coalesce(:content_hash, r.content_hash),
        published_at = coalesce(:published_at, r.published_at), gate = :gate, reason = coalesce(nullif(r.reason, 'forced'), 'first'),
        metrics = :metrics, lease_until = null, heartbeat_at = null
      where r.capture_id = :capture_id and r.status = 'RUNNING' and r.as_of is null and r.import_at is null
        and not exists (select 1 from core_manifest v where ${inSameSlot("v", "r")} and ${isVersion("v")})
        and not exists (select 1 from core_manifest h where ${inSameSlot("h", "r")} and h.gate in ('QUARANTINE', 'BLOCK'))
        and not exists (select 1 from core_capture_inputs e where e.capture_id = r.capture_id)
      returning *`),
    /** A capture that is to end, its slot's present version, and the lock that fits: only a restatement changes what others are computed from. */
    ending:
      make(`select r.*, :now as present, b.capture_id as before_id, b.available_at as before_at, b.content_hash as before_hash, (
        select max(h.capture_id) from core_manifest h where ${inSameSlot("h", "r")} and h.gate in ('QUARANTINE', 'BLOCK') and h.as_of is null
          and (h.completed_at > b.available_at or (h.completed_at = b.available_at and h.capture_id > b.capture_id))
      ) as held_back_id
      ${
        ledgerLock === undefined
          ? ""
          : `, case when r.as_of is null and b.capture_id is not null and (r.import_at is not null or ${differs("b", "coalesce(cast(:content_hash as text), r.content_hash)")})
        then ${ledgerLock.exclusive} else ${ledgerLock.shared} end as locked`
      }
      from core_manifest r left join core_manifest b on b.capture_id = (${presentOfSlot})
      where r.capture_id = :capture_id ${ofRow}`),
    /** The versions around the place at which history comes to stand. */
    versionBefore: make(neighbour("<=", latestFirst("v"))),
    versionAfter: make(neighbour(">", earliestFirst("v"))),
    /**
     * Ends a capture. No row when the slot's present is not `before_id` any more, which only an engine that runs several writers at once
     * has to look at.
     */
    end: make(`update core_manifest as r set status = :status, completed_at = :at, captured_at = :at, available_at = :available_at,
        row_count = :row_count, reject_count = :reject_count, content_hash = :content_hash, published_at = :published_at, gate = :gate,
        supersedes = :supersedes, same_as = :same_as, reason = :reason, metrics = :metrics, lease_until = null, heartbeat_at = null,
        stale_by = case when r.as_of is null and cast(:same_as as text) is null then born.restated_by end,
        stale_at = case when r.as_of is null and cast(:same_as as text) is null and born.restated_by is not null
          then ${instant(traits, ":at")} end
      from ${restatementOf(ownInputs)} as born
      where r.capture_id = :capture_id and r.status = 'RUNNING'
      ${ledgerLock === undefined ? "" : `and (r.as_of is not null or r.import_at is not null or (${presentOfSlot}) is not distinct from cast(:before_id as text))`}
      returning *`),
    release: make(`update core_manifest as r set gate = 'PASS', available_at = :available_at, supersedes = :supersedes
      where r.capture_id = :capture_id
      ${ledgerLock === undefined ? "" : `and (r.as_of is not null or r.import_at is not null or (${presentOfSlot}) is not distinct from cast(:before_id as text))`}
      returning *`),
    supersede: make(`update core_manifest set supersedes = :capture_id where capture_id = :after_id`),
    /** Everything computed, however indirectly, from other content of a restated slot. */
    markStale: make(`with recursive derived(capture_id) as (
        select e.capture_id from core_manifest r
        join core_manifest v on ${inSameSlot("v", "r")} and ${isVersion("v")} and v.capture_id <> r.capture_id and ${differs("v", "r.content_hash")}
        join core_capture_inputs e on e.input_capture_id = v.capture_id
        join core_manifest d on d.capture_id = e.capture_id and d.as_of is null
        where r.capture_id = :capture_id
        union
        select e.capture_id from derived join core_capture_inputs e on e.input_capture_id = derived.capture_id
        join core_manifest d on d.capture_id = e.capture_id and d.as_of is null
      )
      update core_manifest set stale_at = :at, stale_by = :capture_id
      where capture_id in (select capture_id from derived) and capture_id <> :capture_id and capture_id not in (${ownInputs})
        and status = 'COMPLETE' and stale_at is null`),
    note: make(`insert into core_capture_notes (capture_id, kind, run_id, step, noted_by, why, noted_at)
      values (:capture_id, :kind, :run_id, :step, :by, :why, :now)`),
    notes: make(`select kind, run_id, step, noted_by, why, noted_at from core_capture_notes
      where capture_id = :capture_id order by sequence`),
    noted: make(`select r.* ${shared} from core_manifest r where r.capture_id = :capture_id ${ofRow}`),
    /** The inputs of an UNCHANGED capture become those of the one whose content it has, and its dependants that one's. */
    adoptInputs: make(`insert into core_capture_inputs (capture_id, input_capture_id)
      select cast(:same_as as text), input_capture_id from core_capture_inputs
      where capture_id = :capture_id and input_capture_id <> cast(:same_as as text) on conflict do nothing`),
    adoptDependants: make(`insert into core_capture_inputs (capture_id, input_capture_id)
      select capture_id, cast(:same_as as text) from core_capture_inputs
      where input_capture_id = :capture_id and capture_id <> cast(:same_as as text) on conflict do nothing`),
    dropDependants: make(`delete from core_capture_inputs where input_capture_id = :capture_id`),
    /** Judges a capture anew by what its content was computed from this time. */
    refresh: make(refresh("select value as capture_id from [inputs] as given")),
    refreshAs: make(
      refresh(ownInputs, ":same_as", "and exists (select 1 from core_capture_inputs where capture_id = :capture_id)"),
    ),
    get: make(`select * from core_manifest where capture_id = :capture_id`),
    many: make(`select * from core_manifest where capture_id in (select value from [ids] as given)`),
  };
}

export type CaptureStatements = ReturnType<typeof buildCaptureStatements>;

function neighbour(comparison: "<=" | ">", order: string): string {
  return `select v.capture_id, v.available_at, v.content_hash from core_manifest r
    join core_manifest v on ${inSameSlot("v", "r")} and ${isVersion("v")}
    where r.capture_id = :capture_id
      and (v.available_at, coalesce(v.content_hash, '')) ${comparison} (r.import_at, coalesce(cast(:content_hash as text), r.content_hash, ''))
    order by ${order} limit 1`;
}

function refresh(inputs: string, captureId = ":capture_id", onlyIf = ""): string {
  return `update core_manifest as r set
      stale_by = case when judged.restated_by is null then null else coalesce(r.stale_by, judged.restated_by) end,
      stale_at = case when judged.restated_by is null then null else coalesce(r.stale_at, :now) end
    from ${restatementOf(inputs)} as judged
    where r.capture_id = ${captureId} and r.as_of is null and r.status = 'COMPLETE' ${onlyIf}
    returning *`;
}

function instant({ instantCast }: SqlTraits, text: string): string {
  return instantCast === undefined ? text : `cast(${text} as ${instantCast})`;
}
