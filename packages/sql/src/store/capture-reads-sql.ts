import type { CaptureClock } from "@spine/core";
import { isVersion, latestFirst } from "./capture-sql.ts";
import type { Statement, StatementMaker } from "./statement.ts";

/** Which of the forms of {@link CaptureReads.resolve} is wanted. */
export interface ResolveForm {
  readonly clock: CaptureClock;
  readonly isOfTier: boolean;
  readonly isAsOf: boolean;
}

/** The reads of the ledger that run often, their texts made once. */
export interface CaptureReads {
  resolve(form: ResolveForm): Statement;
  /** What a run with an `asOf` of its own, or a child of it, wrote. */
  readonly own: Statement;
  edges(direction: "up" | "down", nearest: boolean): Statement;
  heads(form: { readonly isOfTier: boolean; readonly isOfPartitions: boolean }): Statement;
}

const clockColumns = { available: "available_at", captured: "captured_at", published: "published_at" } as const;
const inStage = "v.domain = :domain and v.stage = :stage and v.partition_key = :partition";

export function buildCaptureReads(make: StatementMaker): CaptureReads {
  const known = new Map<string, Statement>();
  const once = (text: string): Statement => {
    const statement = known.get(text) ?? make(text);
    known.set(text, statement);
    return statement;
  };
  const resolves = new Map<string, Statement>();
  return {
    resolve(form) {
      const key = `${form.clock} ${form.isOfTier} ${form.isAsOf}`;
      const statement = resolves.get(key) ?? make(resolveText(form));
      resolves.set(key, statement);
      return statement;
    },
    own: make(`select v.* from core_manifest v where ${inStage} and v.as_of is not null and v.status = 'COMPLETE'
      and (cast(:tier as text) is null or v.tier = cast(:tier as text))
      and (v.run_id = :run_id or (v.run_id >= :first_child and v.run_id < :after_children))
      and (v.gate is null or v.gate not in ('QUARANTINE', 'BLOCK'))
      order by v.available_at desc, v.capture_id desc limit 1`),
    edges: (direction, nearest) => once(nearest ? nearestText(direction) : closureText(direction)),
    heads: (form) => once(headsText(form)),
  };
}

function resolveText({ clock, isOfTier, isAsOf }: ResolveForm): string {
  const column = `v.${clockColumns[clock]}`;
  // Without an instant a version that lacks the clock comes last, and nulls are sorted differently by engine.
  const order = clock === "available" ? "" : `${isAsOf ? "" : `${column} is null, `}${column} desc, `;
  return `select v.* from core_manifest v where ${inStage} ${isOfTier ? "and v.tier = :tier" : ""} and ${isVersion("v")}
    ${isAsOf ? `and ${column} <= :as_of` : ""} order by ${order}${latestFirst("v")} limit 1`;
}

function nearestText(direction: "up" | "down"): string {
  const column = direction === "up" ? "capture_id" : "input_capture_id";
  return `select capture_id, input_capture_id from core_capture_inputs where ${column} = :capture_id order by capture_id, input_capture_id`;
}

/** `union` keeps each edge once, so a cycle ends where it began. */
function closureText(direction: "up" | "down"): string {
  const [from, to] = direction === "up" ? ["capture_id", "input_capture_id"] : ["input_capture_id", "capture_id"];
  return `with recursive edge(capture_id, input_capture_id) as (
      select capture_id, input_capture_id from core_capture_inputs where ${from} = :capture_id
      union
      select e.capture_id, e.input_capture_id from edge join core_capture_inputs e on e.${from} = edge.${to}
    )
    select capture_id, input_capture_id from edge`;
}

/**
 * Each partition's present and its last start, found by two look-ups in an index for each; only then are whole rows read.
 */
function headsText({
  isOfTier,
  isOfPartitions,
}: {
  readonly isOfTier: boolean;
  readonly isOfPartitions: boolean;
}): string {
  const slot = "v.domain = :domain and v.stage = :stage and v.partition_key = s.partition_key and v.tier = s.tier";
  return `with slots as (
      select distinct partition_key, tier from core_manifest where domain = :domain and stage = :stage
      ${isOfTier ? "and tier = :tier" : ""} ${isOfPartitions ? "and partition_key in (select value from [partitions] as given)" : ""}
    ), found as (
      select (select v.capture_id from core_manifest v where ${slot} and ${isVersion("v")} order by ${latestFirst("v")} limit 1) as current_id,
        (select v.capture_id from core_manifest v where ${slot} and v.as_of is null order by v.started_at desc, v.capture_id desc limit 1) as latest_id
      from slots s
    )
    select m.*, found.current_id, found.latest_id from found
    join core_manifest m on m.capture_id = found.latest_id or m.capture_id = found.current_id
    order by m.partition_key, m.tier`;
}
