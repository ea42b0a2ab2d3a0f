import {
  type Capture,
  type CaptureEdge,
  type CaptureRemark,
  type CaptureStore,
  err,
  type ListCaptures,
  ok,
  type ResolveCapture,
  type Result,
  type SlotHead,
  type SpineError,
} from "@spine/core";
import type { Kysely, Selectable } from "kysely";
import type { CaptureNotesTable, CoreTables } from "../tables.ts";
import { optional } from "../codecs.ts";
import { type ManifestRow, toCapture } from "./capture-rows.ts";
import type { StoreContext } from "./context.ts";

type Context = Pick<StoreContext, "prepared" | "statements">;

/** What readers see of a slot, or of all tiers of a stage. */
export async function resolveCapture(
  context: Context,
  wanted: ResolveCapture,
): Promise<Result<Capture | undefined, SpineError>> {
  const { domain, partition, stage, tier, asOf, clock = "available", runId } = wanted;
  const { reads } = context.statements;
  const slot = { domain, partition, stage, tier };
  if (runId !== undefined) {
    // A child run's id is its parent's and more behind a colon; a semicolon is the character after that.
    const query = reads.own({ ...slot, run_id: runId, first_child: `${runId}:`, after_children: `${runId};` });
    const own = await first(context, query);
    if (own.isErr() || own.value !== undefined) return own;
  }
  const statement = reads.resolve({ clock, isOfTier: tier !== undefined, isAsOf: asOf !== undefined });
  return first(context, statement({ ...slot, as_of: asOf }));
}

export async function first(
  { prepared }: Context,
  query: { readonly sql: string; readonly params: Parameters<StoreContext["prepared"]>[0]["params"] },
): Promise<Result<Capture | undefined, SpineError>> {
  const found = await prepared<ManifestRow>(query);
  if (found.isErr()) return err(found.error);
  const [row] = found.value.rows;
  return ok(row === undefined ? undefined : toCapture(row));
}

type NoteRow = Pick<Selectable<CaptureNotesTable>, "kind" | "run_id" | "step" | "noted_by" | "why" | "noted_at">;

/** What became of a capture since it was complete, oldest first. */
export async function remarksOf(
  { prepared, statements }: Context,
  captureId: string,
): Promise<Result<readonly CaptureRemark[], SpineError>> {
  const found = await prepared<NoteRow>(statements.captures.notes({ capture_id: captureId }));
  return found.map(({ rows }) => Object.freeze(rows.map(toRemark)));
}

function toRemark({ kind, noted_at: at, run_id, step, noted_by, why }: NoteRow): CaptureRemark {
  if (kind === "released") return Object.freeze({ kind, at, by: noted_by ?? "", why: why ?? "" });
  return Object.freeze({ kind, at, runId: optional(run_id), step: optional(step) });
}

/** Newest first. */
export async function listCaptures(
  db: Kysely<CoreTables>,
  { limit = 100, before, stale, available, ...filter }: ListCaptures,
): Promise<Result<readonly Capture[], SpineError>> {
  let query = db
    .selectFrom("core_manifest")
    .selectAll()
    .where((build) =>
      build.and({
        ...(filter.domain === undefined ? {} : { domain: filter.domain }),
        ...(filter.partition === undefined ? {} : { partition_key: filter.partition }),
        ...(filter.stage === undefined ? {} : { stage: filter.stage }),
        ...(filter.tier === undefined ? {} : { tier: filter.tier }),
        ...(filter.status === undefined ? {} : { status: filter.status }),
        ...(filter.gate === undefined ? {} : { gate: filter.gate }),
        ...(filter.runId === undefined ? {} : { run_id: filter.runId }),
      }),
    );
  if (stale !== undefined) query = query.where("stale_at", stale ? "is not" : "is", null);
  if (available !== undefined) {
    query = query.where((build) => {
      const seen = build.and([
        build("status", "=", "COMPLETE"),
        build("as_of", "is", null),
        build("available_at", "is not", null),
      ]);
      return available ? seen : build.not(seen);
    });
  }
  if (before !== undefined) {
    query = query.where((build) => {
      const last = build
        .selectFrom("core_manifest as last")
        .select("last.started_at")
        .where("last.capture_id", "=", before);
      return build.and([
        build("started_at", "<=", last),
        build.or([build("started_at", "<", last), build("capture_id", "<", before)]),
      ]);
    });
  }
  const rows = await query.orderBy("started_at", "desc").orderBy("capture_id", "desc").limit(limit).execute();
  return ok(Object.freeze(rows.map(toCapture)));
}

interface HeadRow extends ManifestRow {
  readonly current_id: string | null;
  readonly latest_id: string | null;
}

/** By partition, then tier. A slot's two captures come one after the other, and as one where they are the same. */
export async function headsOf(
  { prepared, statements }: Context,
  { domain, stage, tier, partitions }: Parameters<CaptureStore["heads"]>[0],
): Promise<Result<readonly SlotHead[], SpineError>> {
  const statement = statements.reads.heads({ isOfTier: tier !== undefined, isOfPartitions: partitions !== undefined });
  const found = await prepared<HeadRow>(
    statement({ domain, stage, tier, partitions: partitions === undefined ? undefined : JSON.stringify(partitions) }),
  );
  if (found.isErr()) return err(found.error);
  const heads = new Map<string, { current: Capture | undefined; latest: Capture | undefined }>();
  for (const row of found.value.rows) {
    const key = row.latest_id ?? "";
    const capture = toCapture(row);
    const head = heads.get(key) ?? { current: undefined, latest: undefined };
    if (row.capture_id === row.current_id) head.current = capture;
    if (row.capture_id === row.latest_id) head.latest = capture;
    heads.set(key, head);
  }
  const listed: SlotHead[] = [];
  for (const { current, latest } of heads.values()) {
    if (latest === undefined) continue;
    listed.push(Object.freeze({ partition: latest.partition, tier: latest.tier, current, latest }));
  }
  return ok(Object.freeze(listed));
}

export async function edgesFrom(
  { prepared, statements }: Context,
  { captureId, direction, nearest = false }: Parameters<CaptureStore["edges"]>[0],
): Promise<Result<readonly CaptureEdge[], SpineError>> {
  const query = statements.reads.edges(direction, nearest)({ capture_id: captureId });
  const found = await prepared<{ readonly capture_id: string; readonly input_capture_id: string }>(query);
  return found.map(({ rows }) =>
    Object.freeze(rows.map((row) => Object.freeze({ captureId: row.capture_id, input: row.input_capture_id }))),
  );
}
