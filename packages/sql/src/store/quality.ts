import {
  type CheckResult,
  collect,
  err,
  type Json,
  ok,
  type QualityStore,
  type Result,
  type SpineError,
} from "@spine/core";
import type { Selectable } from "kysely";
import { decodeOptionalJson, encodeJsonText, optional, plainText } from "../codecs.ts";
import type { QualityTable } from "../tables.ts";
import type { StoreContext } from "./context.ts";

/** What checks found: appended in bulk, read in the order in which it was recorded. */
export function createQualityStore({ attempt, clock, db, executor }: StoreContext): QualityStore {
  return Object.freeze<QualityStore>({
    record: (results) =>
      attempt(async () => {
        const stamp = clock.stamp();
        const rows = collect(
          results.map((result) =>
            encodeOptional(result.actual).andThen((actual) =>
              encodeOptional(result.expected).map((expected) => ({
                id: result.resultId,
                capture_id: result.captureId,
                gate: result.gate,
                check_name: result.check,
                category: result.category,
                status: result.status,
                message: plainText(result.message),
                actual,
                expected,
                run_id: result.runId ?? null,
                step: result.step ?? null,
                ...(stamp === undefined ? {} : { recorded_at: stamp }),
              })),
            ),
          ),
        );
        if (rows.isErr()) return err(rows.error);
        return executor.insert("core_quality", rows.value).map(() => undefined);
      }),
    results: ({ captureId, runId, limit }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_quality")
          .selectAll()
          .where((build) =>
            build.and({
              ...(captureId === undefined ? {} : { capture_id: captureId }),
              ...(runId === undefined ? {} : { run_id: runId }),
            }),
          )
          .orderBy("sequence")
          .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
          .execute();
        return ok(Object.freeze(rows.map(toCheckResult)));
      }),
  });
}

function encodeOptional(value: Json | undefined): Result<string | null, SpineError> {
  return value === undefined ? ok(null) : encodeJsonText(value);
}

function toCheckResult(row: Selectable<QualityTable>): CheckResult {
  return Object.freeze<CheckResult>({
    resultId: row.id,
    captureId: row.capture_id,
    gate: row.gate,
    check: row.check_name,
    category: row.category,
    status: row.status,
    message: row.message,
    actual: decodeOptionalJson(row.actual),
    expected: decodeOptionalJson(row.expected),
    runId: optional(row.run_id),
    step: optional(row.step),
    recordedAt: row.recorded_at,
  });
}
