import { type BackfillItemStatus, orThrow } from "@spine/core";
import { backfillLines, itemLines } from "../backfills/backfill-lines.ts";
import { judgeBackfill } from "../backfills/backfill-truth.ts";
import { findBackfill } from "../backfills/find-backfill.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { choiceOption, countOption, limitOption } from "../input/options.ts";
import { withStore } from "../session.ts";

const statuses: readonly BackfillItemStatus[] = ["PENDING", "RUNNING", "COMPLETED", "SKIPPED", "FAILED", "CANCELLED"];

/** `spine backfill show <backfill>`: a backfill and its partitions, page by page. */
export const backfillShow: Command = (invocation) => {
  const limit = limitOption(invocation);
  const status = choiceOption(invocation, "status", statuses);
  const after = countOption(invocation, "after", { min: 0, max: Number.MAX_SAFE_INTEGER });
  const { style, io } = invocation;
  return withStore(
    invocation,
    async (store) => {
      const backfill = await findBackfill(store.backfills, invocation.args[0] ?? "");
      const { backfillId } = backfill;
      const truth = await judgeBackfill(store, backfill, io.clock);
      const found = await orThrow(store.backfills.items({ backfillId, status, after, limit: limit + 1 }));
      const items = found.slice(0, limit);
      const next = found.length > limit ? items.at(-1)?.position : undefined;
      return {
        exitCode: EXIT_CODES.DONE,
        document: { ...backfill, ...truth, items, ...(next === undefined ? {} : { next }) },
        lines: [
          ...backfillLines(backfill, truth, style),
          ...itemLines(items, style),
          ...(next === undefined ? [] : [`More: add --after ${next}`]),
        ],
      };
    },
    { mustExist: true },
  );
};
