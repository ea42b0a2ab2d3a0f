import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { errorDocument } from "../output/error-lines.ts";
import { detailLines } from "../runs/detail-lines.ts";
import { findRun } from "../runs/find-run.ts";
import { readRunDetail, type RunDetail } from "../runs/run-detail.ts";
import { runDocument, stepDocument } from "../runs/run-document.ts";
import { withStore } from "../session.ts";

/** `spine show <run>`: everything that is known of a run. */
export const show: Command = (invocation) =>
  withStore(
    invocation,
    async (store) => {
      const run = await findRun(store.history, invocation.args[0] ?? "");
      const detail = await readRunDetail(store, run);
      return { exitCode: EXIT_CODES.DONE, document: documentOf(detail), lines: detailLines(detail, invocation.style) };
    },
    { mustExist: true },
  );

function documentOf({ run, truth, steps, attempts, children, captures, anomalies }: RunDetail): unknown {
  return {
    ...runDocument(run, truth),
    steps: steps.map((step) => stepDocument(step, truth.status)),
    attempts: attempts.map(({ error, ...attempt }) => ({
      ...attempt,
      ...(error === undefined ? {} : { error: errorDocument(error) }),
    })),
    children: children.map((child) => runDocument(child.run, child.truth)),
    captures: captures.map(({ capture, rejects }) => ({ ...capture, rejects })),
    anomalies,
  };
}
