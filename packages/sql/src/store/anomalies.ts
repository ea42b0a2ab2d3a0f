import {
  type Anomaly,
  type AnomalyChange,
  anomalyNotFound,
  type AnomalyStore,
  collect,
  err,
  moveAnomaly,
  ok,
  type Reject,
  type Result,
  type SpineError,
  type SqlValue,
} from "@spine/core";
import type { Kysely, Selectable } from "kysely";
import { decodeJson, encodeJsonText, optional, plainText } from "../codecs.ts";
import type { AnomaliesTable, AnomalyChangesTable, CoreTables, RejectsTable } from "../tables.ts";
import type { StoreContext } from "./context.ts";

type Row = Readonly<Record<string, SqlValue>>;

/** Anomalies and rejects: appended in bulk, read in the order in which they were written. */
export function createAnomalyStore({ attempt, atomic, clock, db, executor }: StoreContext): AnomalyStore {
  async function append(
    table: "core_anomalies" | "core_rejects",
    stampColumn: string,
    rows: Result<readonly Row[], SpineError>,
  ): Promise<Result<void, SpineError>> {
    if (rows.isErr()) return err(rows.error);
    const stamp = clock.stamp();
    const stamped = stamp === undefined ? rows.value : rows.value.map((row) => ({ ...row, [stampColumn]: stamp }));
    return executor.insert(table, stamped).map(() => undefined);
  }

  async function moveOn(
    tx: Kysely<CoreTables>,
    { anomalyId, status, by, why }: Omit<AnomalyChange, "at">,
  ): Promise<Result<Anomaly, SpineError>> {
    // Written first, which locks the row and says what time it is; nothing is kept when the step is refused.
    const before = await tx
      .updateTable("core_anomalies")
      .set({ status_at: clock.now() })
      .where("id", "=", anomalyId)
      .returningAll()
      .executeTakeFirst();
    if (before === undefined) return err(anomalyNotFound(anomalyId));
    const at = before.status_at ?? before.recorded_at;
    const moved = moveAnomaly(toAnomaly(before), { anomalyId, status, by, why, at });
    if (moved.isErr()) return err(moved.error);
    const { statusBy, statusReason, statusAt } = moved.value;
    await tx
      .updateTable("core_anomalies")
      .set({
        status,
        status_by: plainText(statusBy),
        status_reason: plainText(statusReason),
        status_at: statusAt ?? null,
      })
      .where("id", "=", anomalyId)
      .execute();
    await tx
      .insertInto("core_anomaly_changes")
      .values({
        anomaly_id: anomalyId,
        status,
        changed_by: plainText(by) ?? "",
        why: plainText(why) ?? "",
        changed_at: at,
      })
      .execute();
    return moved;
  }

  return Object.freeze<AnomalyStore>({
    record: (anomalies) =>
      attempt(() =>
        append(
          "core_anomalies",
          "recorded_at",
          collect(
            anomalies.map((anomaly) =>
              encodeJsonText(anomaly.context).map((context) => ({
                id: anomaly.anomalyId,
                capture_id: anomaly.captureId ?? null,
                anomaly_code: anomaly.code,
                message: plainText(anomaly.message),
                severity: anomaly.severity,
                context,
                domain: anomaly.domain ?? null,
                partition_key: anomaly.partition ?? null,
                stage: anomaly.stage ?? null,
                run_id: anomaly.runId ?? null,
                step: anomaly.step ?? null,
              })),
            ),
          ),
        ),
      ),
    list: ({ domain, partition, captureId, runId, statuses, severity, limit = 100 }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_anomalies")
          .selectAll()
          .where((build) =>
            build.and({
              ...(domain === undefined ? {} : { domain }),
              ...(partition === undefined ? {} : { partition_key: partition }),
              ...(severity === undefined ? {} : { severity }),
              ...(captureId === undefined ? {} : { capture_id: captureId }),
              ...(runId === undefined ? {} : { run_id: runId }),
            }),
          )
          .$if(statuses !== undefined, (query) => query.where((build) => build("status", "in", statuses ?? [])))
          .orderBy("sequence", "desc")
          .limit(limit)
          .execute();
        return ok(Object.freeze(rows.map(toAnomaly)));
      }),
    change: (change) => attempt(() => atomic((tx) => moveOn(tx, change))),
    changes: ({ anomalyId }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_anomaly_changes")
          .selectAll()
          .where("anomaly_id", "=", anomalyId)
          .orderBy("sequence")
          .execute();
        return ok(Object.freeze(rows.map(toChange)));
      }),
    reject: (rejects) =>
      attempt(() =>
        append(
          "core_rejects",
          "created_at",
          collect(
            rejects.map((reject) =>
              encodeJsonText(reject.record).map((record) => ({
                id: reject.rejectId,
                capture_id: reject.captureId,
                stage: reject.stage,
                reason_code: reject.reasonCode,
                reason_detail: plainText(reject.reasonDetail),
                record,
                source_locator: plainText(reject.sourceLocator),
                line_number: reject.lineNumber ?? null,
              })),
            ),
          ),
        ),
      ),
    rejects: ({ captureId, limit }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_rejects")
          .selectAll()
          .where("capture_id", "=", captureId)
          .orderBy("sequence")
          .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
          .execute();
        return ok(Object.freeze(rows.map(toReject)));
      }),
    rejectCounts: ({ captureId }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_rejects")
          .select(({ fn }) => ["reason_code", fn.countAll<number>().as("count")])
          .where("capture_id", "=", captureId)
          .groupBy("reason_code")
          .orderBy("count", "desc")
          .orderBy("reason_code")
          .execute();
        return ok(
          Object.freeze(rows.map(({ reason_code, count }) => Object.freeze({ reasonCode: reason_code, count }))),
        );
      }),
  });
}

function toAnomaly(row: Selectable<AnomaliesTable>): Anomaly {
  return Object.freeze({
    anomalyId: row.id,
    code: row.anomaly_code,
    severity: row.severity,
    message: row.message,
    captureId: optional(row.capture_id),
    domain: optional(row.domain),
    partition: optional(row.partition_key),
    stage: optional(row.stage),
    runId: optional(row.run_id),
    step: optional(row.step),
    context: decodeJson<Anomaly["context"]>(row.context),
    recordedAt: row.recorded_at,
    status: row.status,
    statusBy: optional(row.status_by),
    statusReason: optional(row.status_reason),
    statusAt: optional(row.status_at),
  });
}

function toChange(row: Selectable<AnomalyChangesTable>): AnomalyChange {
  return Object.freeze({
    anomalyId: row.anomaly_id,
    status: row.status,
    by: row.changed_by,
    why: row.why,
    at: row.changed_at,
  });
}

function toReject(row: Selectable<RejectsTable>): Reject {
  return Object.freeze({
    rejectId: row.id,
    captureId: row.capture_id,
    stage: row.stage,
    reasonCode: row.reason_code,
    reasonDetail: row.reason_detail,
    record: decodeJson(row.record),
    sourceLocator: optional(row.source_locator),
    lineNumber: optional(row.line_number),
    createdAt: row.created_at,
  });
}
