import { orThrow } from "@spine/core";
import { anomalyLines } from "../anomalies/anomaly-lines.ts";
import { findAnomaly } from "../anomalies/find-anomaly.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { withStore } from "../session.ts";

/** `spine anomalies show <anomaly>`: a recorded problem, and what was decided about it. */
export const anomaliesShow: Command = (invocation) =>
  withStore(
    invocation,
    async ({ anomalies }) => {
      const anomaly = await findAnomaly(anomalies, invocation.args[0] ?? "");
      const changes = await orThrow(anomalies.changes({ anomalyId: anomaly.anomalyId }));
      return {
        exitCode: EXIT_CODES.DONE,
        document: { ...anomaly, changes },
        lines: anomalyLines(anomaly, changes, invocation.style),
      };
    },
    { mustExist: true },
  );
