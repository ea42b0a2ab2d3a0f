import { type BackfillStatus, orThrow } from "@spine/core";
import { backfillStatusText, progressCounts } from "../backfills/backfill-lines.ts";
import { judgeBackfill } from "../backfills/backfill-truth.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { choiceOption, limitOption } from "../input/options.ts";
import { countOf, instantText } from "../output/format.ts";
import { oneLine } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { withStore } from "../session.ts";

const statuses: readonly BackfillStatus[] = [
  "PLANNED",
  "RUNNING",
  "PAUSED",
  "COMPLETED",
  "PARTIAL",
  "FAILED",
  "CANCELLED",
];

/** `spine backfill list`: the newest backfills, each with its true status. */
export const backfillList: Command = (invocation) => {
  const limit = limitOption(invocation);
  const status = choiceOption(invocation, "status", statuses);
  const { style, io } = invocation;
  return withStore(
    invocation,
    async (store) => {
      const found = await orThrow(store.backfills.list({ status, limit: limit + 1 }));
      const shown = found.slice(0, limit);
      const judged = [];
      for (const backfill of shown) judged.push({ backfill, truth: await judgeBackfill(store, backfill, io.clock) });
      const columns = [
        { title: "BACKFILL", ids: true },
        { title: "STATUS" },
        { title: "EXPECTATION" },
        { title: "MODE" },
        { title: "CREATED" },
        { title: "" },
      ];
      const rows = judged.map(({ backfill, truth }) => [
        backfill.backfillId,
        backfillStatusText(truth.status, style),
        backfill.expectation,
        backfill.mode,
        instantText(backfill.createdAt),
        `${progressCounts(backfill)}; ${oneLine(backfill.reason)}`,
      ]);
      return {
        exitCode: EXIT_CODES.DONE,
        document: {
          backfills: judged.map(({ backfill, truth }) => ({ ...backfill, ...truth })),
          more: found.length > limit,
        },
        lines:
          shown.length === 0
            ? ["No backfills. Plan one with: spine backfill plan <expectation>"]
            : [
                ...tableLines(columns, rows, style),
                ...(found.length > limit
                  ? [`${countOf(shown.length, "backfill")} shown; more: add --limit <count>`]
                  : []),
              ],
      };
    },
    { mustExist: true },
  );
};
