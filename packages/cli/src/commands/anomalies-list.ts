import { type AnomalySeverity, type AnomalyStatus, orThrow, type Store } from "@spine/core";
import { anomalyTable } from "../anomalies/anomaly-lines.ts";
import { findCapture } from "../captures/find-capture.ts";
import { type Command, type Invocation, listOption, textOption } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { choiceOf, choiceOption, limitOption } from "../input/options.ts";
import { countOf } from "../output/format.ts";
import { findRun } from "../runs/find-run.ts";
import { withStore } from "../session.ts";

const severities: readonly AnomalySeverity[] = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
const statuses: readonly AnomalyStatus[] = ["OPEN", "ACKNOWLEDGED", "RESOLVED", "ACCEPTED"];

/** `spine anomalies list`: the newest recorded problems. */
export const anomaliesList: Command = (invocation) => {
  const limit = limitOption(invocation);
  const wanted = listOption(invocation, "status").map((text) => choiceOf(text, "status", statuses));
  const filter = {
    domain: textOption(invocation, "domain"),
    partition: textOption(invocation, "partition"),
    severity: choiceOption(invocation, "severity", severities),
    ...(wanted.length === 0 ? {} : { statuses: wanted }),
  };
  return withStore(
    invocation,
    async (store) => {
      const subject = await subjectOf(store, invocation);
      const found = await orThrow(store.anomalies.list({ ...filter, ...subject, limit: limit + 1 }));
      const shown = found.slice(0, limit);
      const narrowed = [...Object.values(filter), ...Object.values(subject)].some((value) => value !== undefined);
      const none = narrowed ? "No anomaly is like that." : "No anomalies.";
      return {
        exitCode: EXIT_CODES.DONE,
        document: { anomalies: shown, more: found.length > limit },
        lines: [
          ...(shown.length === 0 ? [none] : anomalyTable(shown, invocation.style)),
          ...(found.length > limit
            ? [`${countOf(shown.length, "anomaly", "anomalies")} shown; more: add --limit <count>`]
            : []),
        ],
      };
    },
    { mustExist: true },
  );
};

/** Which capture and run, by ids that may be shortened. */
async function subjectOf(
  store: Store,
  invocation: Invocation,
): Promise<{ readonly captureId: string | undefined; readonly runId: string | undefined }> {
  const capture = textOption(invocation, "capture");
  const run = textOption(invocation, "run");
  return {
    captureId: capture === undefined ? undefined : (await findCapture(store.captures, capture)).captureId,
    runId: run === undefined ? undefined : (await findRun(store.history, run)).runId,
  };
}
