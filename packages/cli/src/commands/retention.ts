import {
  applyRetention,
  MissingConfigError,
  orThrow,
  planRetention,
  type Retained,
  type Retention,
  type RetentionPlan,
  slotText,
} from "@spine/core";
import type { Command, Invocation, Report } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { stopSignal } from "../input/stop-signal.ts";
import { limitOption } from "../input/options.ts";
import { countOf, countText } from "../output/format.ts";
import type { Style } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { createProgress } from "../progress/progress.ts";
import { withSpine } from "../session.ts";

/** `spine retention`: what the project's rules would remove; with `--apply` removes it. */
export const retention: Command = async (invocation) => {
  const limit = limitOption(invocation);
  const progress = createProgress(invocation);
  const stop = stopSignal(invocation, { progress, note: "what is left goes the next time." });
  try {
    return await withSpine(
      invocation,
      async ({ store }, { config, path }) => {
        const { retentions = [] } = config;
        if (retentions.length === 0) throw noRules(path);
        const plans: RetentionPlan[] = [];
        for (const rule of retentions)
          plans.push(await orThrow(planRetention(rule, { store, clock: invocation.io.clock })));
        if (invocation.options["apply"] !== true) return previewReport(plans, limit, invocation);
        const done: Retained[] = [];
        for (const plan of plans) done.push(await orThrow(applyRetention(plan, { store, signal: stop.signal })));
        return appliedReport(done, !stop.signal.aborted);
      },
      { mustExist: true },
    );
  } finally {
    stop.release();
    progress.close();
  }
};

function previewReport(plans: readonly RetentionPlan[], limit: number, { style }: Pick<Invocation, "style">): Report {
  const count = plans.reduce((sum, { captures }) => sum + captures.length, 0);
  return {
    exitCode: EXIT_CODES.DONE,
    document: { applied: false, plans },
    lines: [
      ...plans.flatMap((plan, index) => [...(index === 0 ? [] : [""]), ...planLines(plan, limit, style)]),
      "",
      count === 0
        ? "Nothing is to be removed."
        : `Nothing was removed. Remove the rows of ${countOf(count, "capture")} with: spine retention --apply`,
    ],
  };
}

function planLines({ retention: rule, captures }: RetentionPlan, limit: number, style: Style): readonly string[] {
  const shown = captures.slice(0, limit);
  const rows = shown.map(({ capture, because, tables }) => [
    `  ${capture.captureId}`,
    slotText(capture),
    because,
    capture.rowCount === undefined ? "" : countText(capture.rowCount),
    tables.join(", "),
  ]);
  const columns = [
    { title: "  CAPTURE", ids: true },
    { title: "OF" },
    { title: "WHY" },
    { title: "ROWS", align: "right" },
    { title: "TABLES" },
  ] as const;
  return [
    `${style.paint("bold", ruleText(rule))}  ${captures.length === 0 ? "nothing to remove" : `the rows of ${countOf(captures.length, "capture")} would go`}`,
    ...(rows.length === 0 ? [] : tableLines(columns, rows, style)),
    ...(shown.length < captures.length ? [`  and ${captures.length - shown.length} more: add --limit <count>`] : []),
  ];
}

/** `finra.otc INGEST, keeps 3 versions, 30 days`. */
function ruleText({ domain, stage, tier, keepVersions, keepDays }: Retention): string {
  const slots = [domain, stage, tier].filter((part) => part !== undefined).join(" ");
  const kept = [
    ...(keepVersions === undefined ? [] : [countOf(keepVersions, "version")]),
    ...(keepDays === undefined ? [] : [countOf(keepDays, "day")]),
  ];
  return `${slots}, keeps ${kept.join(" and ")}`;
}

function appliedReport(done: readonly Retained[], isDone: boolean): Report {
  const captures = done.reduce((sum, one) => sum + one.captures, 0);
  const rows = done.reduce((sum, one) => sum + one.rows, 0);
  const skipped = done.flatMap((one) => one.skipped);
  return {
    exitCode: isDone ? EXIT_CODES.DONE : EXIT_CODES.PARTIAL,
    document: { applied: true, isDone, captures, rows, skipped },
    lines: [
      captures === 0 && rows === 0 && isDone
        ? "Nothing was to be removed."
        : `Removed ${countOf(rows, "row")} of ${countOf(captures, "capture")}; the ledger keeps their entries.`,
      ...skipped.map(({ captureId, why }) => `${captureId} was left alone: ${why}`),
      ...(isDone ? [] : ["Go on with: spine retention --apply"]),
    ],
  };
}

function noRules(path: string | undefined): MissingConfigError {
  return new MissingConfigError("retentions", {
    context: {
      path,
      remedy: 'Set it in spine.config.ts: retentions: [defineRetention({ domain: "…", keepVersions: 3 })].',
    },
  });
}
