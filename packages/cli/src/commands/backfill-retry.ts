import { type Backfill, orThrow } from "@spine/core";
import type { Spine } from "@spine/orchestration";
import { backfillLines } from "../backfills/backfill-lines.ts";
import { findBackfill } from "../backfills/find-backfill.ts";
import { workBackfill } from "../backfills/work-backfill.ts";
import type { Command, Invocation, Report } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { countOf } from "../output/format.ts";
import { withSpine } from "../session.ts";

/** `spine backfill retry-failed <backfill>`: makes failed partitions pending again; with `--run` works them off as well. */
export const backfillRetry: Command = (invocation) => {
  if (invocation.options["run"] === true) {
    return workBackfill(invocation, async (spine) => {
      const { pending, backfill } = await retry(spine, invocation);
      return pending === 0 ? nothingFailed(backfill, invocation) : backfill;
    });
  }
  return withSpine(
    invocation,
    async (spine) => {
      const { pending, backfill } = await retry(spine, invocation);
      if (pending === 0) return nothingFailed(backfill, invocation);
      const resume = `spine backfill run ${backfill.backfillId}`;
      return {
        exitCode: EXIT_CODES.DONE,
        document: { ...backfill, resume, retried: pending },
        lines: [
          `${countOf(pending, "partition")} made pending again.`,
          ...backfillLines(backfill, { status: backfill.status, resume }, invocation.style),
        ],
      };
    },
    { mustExist: true },
  );
};

async function retry(
  spine: Spine,
  { args: [id = ""] }: Invocation,
): Promise<{ readonly pending: number; readonly backfill: Backfill }> {
  const { backfillId } = await findBackfill(spine.store.backfills, id);
  const pending = await orThrow(spine.backfills.retryFailed(backfillId));
  return { pending, backfill: await orThrow(spine.backfills.get(backfillId)) };
}

function nothingFailed(backfill: Backfill, { style }: Invocation): Report {
  return {
    exitCode: EXIT_CODES.DONE,
    document: { ...backfill, retried: 0 },
    lines: [
      "None of its partitions failed.",
      ...backfillLines(backfill, { status: backfill.status, resume: undefined }, style),
    ],
  };
}
