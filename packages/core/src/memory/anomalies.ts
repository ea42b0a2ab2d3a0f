import { DatabaseError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { encodeJson, encodeJsonObject } from "../json.ts";
import { collect, err, ok, type Result } from "../result.ts";
import type { AnomalyStore } from "../store/anomalies.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import type { LedgerTables } from "./state.ts";
import type { Table } from "./table.ts";

type Ledger = Pick<LedgerTables, "anomalies" | "rejects">;

export function createAnomalyStore({ anomalies, rejects }: Ledger, access: Access, now: () => Instant): AnomalyStore {
  return Object.freeze<AnomalyStore>({
    record: (reports) =>
      access.write(() => {
        const recordedAt = now();
        const encoded = reports.map((report) =>
          encodeJsonObject(report.context).map((context) => Object.freeze({ ...report, context, recordedAt })),
        );
        return collect(encoded).andThen((records) => append(anomalies, records, ({ anomalyId }) => anomalyId));
      }),
    list: ({ domain, captureId, runId, limit = 100 }) =>
      access.read(() => {
        const found = [...anomalies.values()].filter(
          (anomaly) =>
            (domain === undefined || anomaly.domain === domain) &&
            (captureId === undefined || anomaly.captureId === captureId) &&
            (runId === undefined || anomaly.runId === runId),
        );
        return ok(Object.freeze(found.toReversed().slice(0, limit)));
      }),
    reject: (reports) =>
      access.write(() => {
        const createdAt = now();
        const encoded = reports.map((report) =>
          encodeJson(report.record).map((record) => Object.freeze({ ...report, record, createdAt })),
        );
        return collect(encoded).andThen((records) => append(rejects, records, ({ rejectId }) => rejectId));
      }),
    rejects: ({ captureId, limit }) =>
      access.read(() => {
        const found = [...rejects.values()].filter((reject) => reject.captureId === captureId);
        return ok(Object.freeze(found.slice(0, limit)));
      }),
    rejectCounts: ({ captureId }) =>
      access.read(() => {
        const counts = new Map<string, number>();
        for (const reject of rejects.values()) {
          if (reject.captureId === captureId) counts.set(reject.reasonCode, (counts.get(reject.reasonCode) ?? 0) + 1);
        }
        const sorted = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
        return ok(Object.freeze(sorted.map(([reasonCode, count]) => Object.freeze({ reasonCode, count }))));
      }),
  });
}

/** All records or none, each under an id of its own. */
function append<T extends object>(
  table: Table<string, T>,
  records: readonly T[],
  idOf: (record: T) => string,
): Result<void, SpineError> {
  const ids = new Set<string>();
  for (const id of records.map(idOf)) {
    if (table.has(id) || ids.has(id)) {
      return err(
        new DatabaseError(`A record with the id "${id}" is there already.`, {
          code: "INTEGRITY_VIOLATED",
        }),
      );
    }
    ids.add(id);
  }
  for (const record of records) table.set(idOf(record), record);
  return ok(undefined);
}
