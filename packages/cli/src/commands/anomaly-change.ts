import { type AnomalyStatus, orThrow } from "@spine/core";
import { anomalyLines } from "../anomalies/anomaly-lines.ts";
import { findAnomaly } from "../anomalies/find-anomaly.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { authorOption, groundsOption } from "../input/options.ts";
import { withStore } from "../session.ts";

const statuses = {
  ack: "ACKNOWLEDGED",
  resolve: "RESOLVED",
  accept: "ACCEPTED",
  reopen: "OPEN",
} as const satisfies Readonly<Record<string, AnomalyStatus>>;

/** `spine anomalies ack|resolve|accept|reopen <anomaly>`: moves an anomaly on in its life. */
export function anomalyChange(name: keyof typeof statuses): Command {
  return (invocation) => {
    const by = authorOption(invocation);
    const why = groundsOption(invocation, "why");
    return withStore(
      invocation,
      async ({ anomalies }) => {
        const { anomalyId } = await findAnomaly(anomalies, invocation.args[0] ?? "");
        const anomaly = await orThrow(anomalies.change({ anomalyId, status: statuses[name], by, why }));
        const changes = await orThrow(anomalies.changes({ anomalyId }));
        return {
          exitCode: EXIT_CODES.DONE,
          document: { ...anomaly, changes },
          lines: anomalyLines(anomaly, changes, invocation.style),
        };
      },
      { mustExist: true },
    );
  };
}
