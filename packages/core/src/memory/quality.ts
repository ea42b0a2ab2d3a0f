import type { SpineError } from "../errors/spine-error.ts";
import { encodeJson, type Json } from "../json.ts";
import type { CheckResult } from "../quality/check.ts";
import { collect, ok, type Result } from "../result.ts";
import type { NewCheckResult, QualityStore } from "../store/quality.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import type { LedgerTables } from "./state.ts";
import { appendAll } from "./table.ts";

export function createQualityStore(
  { checkResults }: Pick<LedgerTables, "checkResults">,
  access: Access,
  now: () => Instant,
): QualityStore {
  return Object.freeze<QualityStore>({
    record: (results) =>
      access.write(() => {
        const recordedAt = now();
        return collect(results.map((result) => keepResult(result, recordedAt))).andThen((records) =>
          appendAll(checkResults, records, ({ resultId }) => resultId),
        );
      }),
    results: ({ captureId, runId, limit }) =>
      access.read(() => {
        const found = [...checkResults.values()].filter(
          (result) =>
            (captureId === undefined || result.captureId === captureId) &&
            (runId === undefined || result.runId === runId),
        );
        return ok(Object.freeze(found.slice(0, limit)));
      }),
  });
}

function keepResult(result: NewCheckResult, recordedAt: Instant): Result<CheckResult, SpineError> {
  return collect([encodeValue(result.actual), encodeValue(result.expected)]).map(([actual, expected]) =>
    Object.freeze<CheckResult>({ ...result, actual, expected, recordedAt }),
  );
}

function encodeValue(value: Json | undefined): Result<Json | undefined, SpineError> {
  return value === undefined ? ok(undefined) : encodeJson(value);
}
