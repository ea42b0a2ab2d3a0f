import type { RunStatus, Store } from "@spine/core";
import { type Command, type Invocation, textOption } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { choiceOption, limitOption } from "../input/options.ts";
import { countOf, durationText, instantText } from "../output/format.ts";
import { statusText } from "../output/status.ts";
import type { Style } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { findRun, runPages } from "../runs/find-run.ts";
import { runDocument } from "../runs/run-document.ts";
import { hintOf, type JudgedRun, judgeRuns, resumeText, type ShownStatus } from "../runs/truth.ts";
import { withStore } from "../session.ts";

/** `spine runs`: the newest runs, each with its true status. */
export const runs: Command = (invocation) => {
  const status = choiceOption(invocation, "status", statuses);
  const limit = limitOption(invocation);
  return withStore(
    invocation,
    async (store) => {
      const shown = await newestRuns(store, invocation, { status, limit });
      return {
        exitCode: EXIT_CODES.DONE,
        document: { runs: shown.map(({ run, truth }) => runDocument(run, truth)) },
        lines: runLines(shown, limit, invocation.style),
      };
    },
    { mustExist: true },
  );
};

async function newestRuns(
  store: Store,
  invocation: Invocation,
  { status, limit }: { readonly status: ShownStatus | undefined; readonly limit: number },
): Promise<readonly JudgedRun[]> {
  const before = textOption(invocation, "before");
  const name = textOption(invocation, "name");
  const filter = {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status: storedStatus(status) }),
    ...(before === undefined ? {} : { before: (await findRun(store.history, before)).runId }),
  };
  const withChildren = invocation.options["children"] === true;
  const found: JudgedRun[] = [];
  for await (const page of runPages(store.history, filter)) {
    const wanted = page.filter(({ parentRunId }) => withChildren || parentRunId === undefined);
    const judged = await judgeRuns(store, wanted);
    found.push(...judged.filter(({ truth }) => status === undefined || truth.status === status));
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

function runLines(shown: readonly JudgedRun[], limit: number, style: Style): readonly string[] {
  if (shown.length === 0) return ["No runs. Start one with: spine run <name>"];
  const rows = shown.map(({ run, truth }) => [
    run.runId,
    statusText(truth.status, style),
    run.name,
    instantText(run.startedAt),
    run.durationMs === undefined ? "" : durationText(run.durationMs),
    // Of the steps that had to run: a branch not taken is nothing that is left to do.
    `${run.counts.completed}/${run.counts.total - run.counts.skipped}`,
    hintOf(truth) || (run.error?.code ?? ""),
  ]);
  const [head = "", ...lines] = tableLines(columns, rows, style);
  const last = shown.at(-1)?.run.runId ?? "";
  return [
    head,
    ...lines.flatMap((line, index) => {
      const truth = shown[index]?.truth;
      return truth?.status === "INTERRUPTED"
        ? [line, `  ${style.paint("cyan", "→")} ${resumeText(truth) ?? ""}`]
        : [line];
    }),
    ...(shown.length < limit ? [] : [`${countOf(limit, "run")} shown; older ones: spine runs --before ${last}`]),
  ];
}

const columns = [
  { title: "RUN", ids: true },
  { title: "STATUS" },
  { title: "NAME" },
  { title: "STARTED" },
  { title: "TOOK", align: "right" },
  { title: "STEPS", align: "right" },
  { title: "" },
] as const;

const statuses: readonly ShownStatus[] = [
  "RUNNING",
  "INTERRUPTED",
  "WAITING",
  "COMPLETED",
  "PARTIAL",
  "FAILED",
  "CANCELLED",
];

/** An interrupted run is stored as RUNNING: its process had no time to say otherwise. */
function storedStatus(status: ShownStatus): RunStatus {
  return status === "INTERRUPTED" ? "RUNNING" : status;
}
