import { type Anomaly, type AnomalyStore, orThrow } from "@spine/core";
import { findById } from "../input/find-by-id.ts";

/** How far back an id is looked for. */
const mostAnomalies = 20_000;

/** The anomaly that a whole or shortened id names. Throws `ANOMALY_NOT_FOUND`. */
export function findAnomaly(anomalies: Pick<AnomalyStore, "list">, id: string): Promise<Anomaly> {
  const newest = orThrow(anomalies.list({ limit: mostAnomalies }));
  return findById<Anomaly>(id, {
    noun: "anomaly",
    plural: "anomalies",
    prefix: "ano",
    code: "ANOMALY_NOT_FOUND",
    idOf: ({ anomalyId }) => anomalyId,
    get: async (anomalyId) => (await newest).find((anomaly) => anomaly.anomalyId === anomalyId),
    async *pages() {
      yield await newest;
    },
  });
}
