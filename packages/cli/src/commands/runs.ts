import { didYouMean, orThrow, type RunStatus, SpineError } from "@spine/core";
import { type Command, type Invocation, textOption } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { countOf, durationText, instantText } from "../output/format.ts";
import { statusText } from "../output/status.ts";
import { tableLines } from "../output/table.ts";
import { findRun, runsNewestFirst } from "../runs/find-run.ts";
import { runDocument } from "../runs/run-document.ts";
import { type RunTruth, type ShownStatus, truthsBy } from "../runs/truth.ts";
import { withStore } from "../session.ts";

/** `spine runs`: the newest runs, each with its true status. */
export const runs: Command = (invocation) => {
  const status = statusOption(invocation);
  const limit = limitOption(invocation);
  return withStore(invocation, async ({ history, owners }) => {
    const before = textOption(invocation, "before");
    const name = textOption(invocation, "name");
    const filter = {
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status: storedStatus(status) }),
      ...(before === undefined ? {} : { before: (await findRun(history, before)).runId }),
    };
    const truthOf = truthsBy(await orThrow(owners.list()));
    const shown = [];
    for await (const run of runsNewestFirst(history, filter)) {
      if (run.parentRunId !== undefined && invocation.options["children"] !== true) continue;
      const truth = truthOf(run);
      if (status !== undefined && truth.status !== status) continue;
      if (shown.push({ run, truth }) >= limit) break;
    }

    const { style } = invocation;
    const rows = shown.map(({ run, truth }) => [
      run.runId,
      statusText(truth.status, style),
      run.name,
      instantText(run.startedAt),
      run.durationMs === undefined ? "" : durationText(run.durationMs),
      `${run.counts.completed}/${run.counts.total}`,
      hintOf(truth) || (run.error?.code ?? ""),
    ]);
    return {
      exitCode: EXIT_CODES.DONE,
      document: { runs: shown.map(({ run, truth }) => runDocument(run, truth)) },
      lines:
        rows.length === 0
          ? ["No runs. Start one with: spine run <name>"]
          : [...tableLines(columns, rows, style), ...(rows.length < limit ? [] : [`${countOf(limit, "run")} shown; older ones: --before ${shown.at(-1)?.run.runId}`])],
    };
  });
};

const columns = [
  { title: "RUN" },
  { title: "STATUS" },
  { title: "NAME" },
  { title: "STARTED" },
  { title: "TOOK", align: "right" },
  { title: "STEPS", align: "right" },
  { title: "" },
] as const;

/** Who works on a run, or the command that goes on with it. */
export function hintOf({ owner, why, resume, status }: RunTruth): string {
  if (status === "INTERRUPTED") return `${why ?? ""}; resume it with: ${resume ?? ""}`;
  return owner === undefined ? "" : `process ${owner.pid}, lease until ${instantText(owner.leaseUntil)}`;
}

const statuses: readonly ShownStatus[] = ["RUNNING", "INTERRUPTED", "WAITING", "COMPLETED", "PARTIAL", "FAILED", "CANCELLED"];

function statusOption(invocation: Invocation): ShownStatus | undefined {
  const text = textOption(invocation, "status");
  if (text === undefined) return undefined;
  const status = statuses.find((candidate) => candidate === text.toUpperCase());
  if (status !== undefined) return status;
  throw new SpineError("COMMAND_INVALID", `"${text}" is not a status of runs.${didYouMean(text, statuses)}`, { category: "CONFIG" });
}

/** An interrupted run is stored as RUNNING: its process had no time to say otherwise. */
function storedStatus(status: ShownStatus): RunStatus {
  return status === "INTERRUPTED" ? "RUNNING" : status;
}

function limitOption(invocation: Invocation): number {
  const text = textOption(invocation, "limit") ?? "20";
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 10_000) return limit;
  throw new SpineError("COMMAND_INVALID", `--limit ${text} is not a whole number from 1 to 10000.`, { category: "CONFIG" });
}
