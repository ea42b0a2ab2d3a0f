import { StorageError, ValidationError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result } from "../result.ts";
import type { Anomaly, AnomalyChange, AnomalyStatus } from "./anomaly.ts";

/** Where an anomaly may go from a status. What has been decided can only be opened again. */
const nextStatuses: Readonly<Record<AnomalyStatus, readonly AnomalyStatus[]>> = {
  OPEN: ["ACKNOWLEDGED", "RESOLVED", "ACCEPTED"],
  ACKNOWLEDGED: ["OPEN", "RESOLVED", "ACCEPTED"],
  RESOLVED: ["OPEN"],
  ACCEPTED: ["OPEN"],
};

/** The anomaly after a step in its life; fails with `ANOMALY_STATUS_INVALID`. */
export function moveAnomaly(anomaly: Anomaly, { status, by, why, at }: AnomalyChange): Result<Anomaly, SpineError> {
  const next = nextStatuses[anomaly.status];
  if (!next.includes(status)) {
    return err(
      new ValidationError(
        `Anomaly "${anomaly.anomalyId}" is ${anomaly.status} and cannot become ${status}. It can become ${next.join(", ")}.`,
        {
          code: "ANOMALY_STATUS_INVALID",
          context: { anomalyId: anomaly.anomalyId, from: anomaly.status, to: status },
        },
      ),
    );
  }
  const facts =
    status === "OPEN"
      ? { statusBy: undefined, statusReason: undefined, statusAt: undefined }
      : { statusBy: by, statusReason: why, statusAt: at };
  return ok(Object.freeze({ ...anomaly, status, ...facts }));
}

/** `ANOMALY_NOT_FOUND`. */
export function anomalyNotFound(anomalyId: string): StorageError {
  return new StorageError(`No anomaly has the id "${anomalyId}". List them with \`spine anomalies\`.`, {
    code: "ANOMALY_NOT_FOUND",
    context: { anomalyId },
  });
}
