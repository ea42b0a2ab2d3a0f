import { type Backfill, orThrow } from "@spine/core";
import type { Spine } from "@spine/orchestration";
import { backfillLines } from "../backfills/backfill-lines.ts";
import { backfillRequest } from "../backfills/backfill-request.ts";
import { workBackfill } from "../backfills/work-backfill.ts";
import type { Command, Invocation, Report } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { authorOption, groundsOption } from "../input/options.ts";
import { withSpine } from "../session.ts";
import { nothingToDo } from "./backfill-plan.ts";

/** `spine backfill create <expectation>`: freezes the plan of a backfill; with `--run` works it off as well. */
export const backfillCreate: Command = (invocation) => {
  if (invocation.options["run"] === true) return workBackfill(invocation, (spine) => create(spine, invocation));
  const { style } = invocation;
  return withSpine(
    invocation,
    async (spine) => {
      const created = await create(spine, invocation);
      if (!("backfillId" in created)) return created;
      const resume = `spine backfill run ${created.backfillId}`;
      return {
        exitCode: EXIT_CODES.DONE,
        document: { ...created, resume },
        lines: backfillLines(created, { status: created.status, resume }, style),
      };
    },
    { mustExist: true },
  );
};

async function create(spine: Spine, invocation: Invocation): Promise<Backfill | Report> {
  const createdBy = authorOption(invocation);
  const reason = groundsOption(invocation, "reason");
  const request = await backfillRequest(spine, invocation);
  const created = await spine.backfills.create({ ...request, reason, createdBy });
  return created.isErr() && created.error.code === "BACKFILL_EMPTY" ? nothingToDo(created.error) : orThrow(created);
}
