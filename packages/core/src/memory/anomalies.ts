import type { SpineError } from "../errors/spine-error.ts";
import { encodeJson, encodeJsonObject } from "../json.ts";
import type { Anomaly, AnomalyChange } from "../quality/anomaly.ts";
import { anomalyNotFound, moveAnomaly } from "../quality/anomaly-life.ts";
import { collect, err, ok, type Result } from "../result.ts";
import type { AnomalyStore, NewAnomaly } from "../store/anomalies.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import type { LedgerTables } from "./state.ts";
import { appendAll } from "./table.ts";

export function createAnomalyStore(ledger: LedgerTables, access: Access, now: () => Instant): AnomalyStore {
  const { anomalies, anomalyChanges, rejects } = ledger;

  function change(given: AnomalyChange): Result<Anomaly, SpineError> {
    const anomaly = anomalies.get(given.anomalyId);
    if (anomaly === undefined) return err(anomalyNotFound(given.anomalyId));
    return moveAnomaly(anomaly, given).map((moved) => {
      anomalies.set(moved.anomalyId, moved);
      const before = anomalyChanges.get(moved.anomalyId) ?? [];
      anomalyChanges.set(moved.anomalyId, Object.freeze([...before, Object.freeze(given)]));
      return moved;
    });
  }

  return Object.freeze<AnomalyStore>({
    record: (reports) =>
      access.write(() => {
        const recordedAt = now();
        return collect(reports.map((report) => openAnomaly(report, recordedAt))).andThen((records) =>
          appendAll(anomalies, records, ({ anomalyId }) => anomalyId),
        );
      }),
    list: ({ limit = 100, ...filter }) =>
      access.read(() => {
        const found = [...anomalies.values()].filter((anomaly) => fits(anomaly, filter));
        return ok(Object.freeze(found.toReversed().slice(0, limit)));
      }),
    change: ({ anomalyId, status, by, why }) => access.write(() => change({ anomalyId, status, by, why, at: now() })),
    changes: ({ anomalyId }) => access.read(() => ok(anomalyChanges.get(anomalyId) ?? Object.freeze([]))),
    reject: (reports) =>
      access.write(() => {
        const createdAt = now();
        const encoded = reports.map((report) =>
          encodeJson(report.record).map((record) => Object.freeze({ ...report, record, createdAt })),
        );
        return collect(encoded).andThen((records) => appendAll(rejects, records, ({ rejectId }) => rejectId));
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

function openAnomaly(report: NewAnomaly, recordedAt: Instant): Result<Anomaly, SpineError> {
  return encodeJsonObject(report.context).map((context) =>
    Object.freeze<Anomaly>({
      ...report,
      context,
      recordedAt,
      status: "OPEN",
      statusBy: undefined,
      statusReason: undefined,
      statusAt: undefined,
    }),
  );
}

function fits(anomaly: Anomaly, filter: Omit<Parameters<AnomalyStore["list"]>[0], "limit">): boolean {
  return (
    (filter.domain === undefined || anomaly.domain === filter.domain) &&
    (filter.partition === undefined || anomaly.partition === filter.partition) &&
    (filter.captureId === undefined || anomaly.captureId === filter.captureId) &&
    (filter.runId === undefined || anomaly.runId === filter.runId) &&
    (filter.severity === undefined || anomaly.severity === filter.severity) &&
    (filter.statuses === undefined || filter.statuses.includes(anomaly.status))
  );
}
