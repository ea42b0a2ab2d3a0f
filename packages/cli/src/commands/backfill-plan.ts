import { orThrow, type SpineError } from "@spine/core";
import { backfillRequest } from "../backfills/backfill-request.ts";
import { planLines } from "../backfills/plan-lines.ts";
import type { Command, Report } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { limitOption } from "../input/options.ts";
import { withSpine } from "../session.ts";

/** `spine backfill plan <expectation>`: what a backfill would do. Nothing is written. */
export const backfillPlan: Command = (invocation) => {
  const limit = limitOption(invocation);
  const { style } = invocation;
  return withSpine(
    invocation,
    async (spine) => {
      const request = await backfillRequest(spine, invocation);
      const planned = await spine.backfills.plan({ ...request, reason: "preview" });
      if (planned.isErr() && planned.error.code === "BACKFILL_EMPTY") return nothingToDo(planned.error);
      const plan = orThrow(planned);
      return { exitCode: EXIT_CODES.DONE, document: plan, lines: planLines(plan, { limit, style }) };
    },
    { mustExist: true },
  );
};

/** That there is nothing to do is an answer, and a good one. */
export function nothingToDo({ message, context }: SpineError): Report {
  return {
    exitCode: EXIT_CODES.DONE,
    document: { items: [], excluded: [], counts: context["counts"] },
    lines: [message],
  };
}
