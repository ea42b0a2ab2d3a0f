import {
  type Anomaly,
  type AnomalyStore,
  collect,
  err,
  ok,
  type Reject,
  type Result,
  type SpineError,
  type SqlValue,
} from "@spine/core";
import type { Selectable } from "kysely";
import { decodeJson, encodeJsonText, optional, plainText } from "../codecs.ts";
import type { AnomaliesTable, RejectsTable } from "../tables.ts";
import type { StoreContext } from "./context.ts";

type Row = Readonly<Record<string, SqlValue>>;

/** Anomalies and rejects: appended in bulk, read in the order in which they were written. */
export function createAnomalyStore({ attempt, clock, db, executor }: StoreContext): AnomalyStore {
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
    list: ({ domain, captureId, runId, limit = 100 }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_anomalies")
          .selectAll()
          .where((build) =>
            build.and({
              ...(domain === undefined ? {} : { domain }),
              ...(captureId === undefined ? {} : { capture_id: captureId }),
              ...(runId === undefined ? {} : { run_id: runId }),
            }),
          )
          .orderBy("sequence", "desc")
          .limit(limit)
          .execute();
        return ok(Object.freeze(rows.map(toAnomaly)));
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
