import { orThrow } from "@spine/core";
import { type Command, textOption } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { authorOption, groundsOption } from "../input/options.ts";
import { countOf } from "../output/format.ts";
import { withSpine } from "../session.ts";

/** `spine accept-gap <expectation> <partition>`: says that a partition is absent and need not come. */
export const acceptGap: Command = (invocation) => {
  const [name = "", partition = ""] = invocation.args;
  const author = authorOption(invocation);
  const reason = groundsOption(invocation, "reason");
  const stage = textOption(invocation, "stage");
  return withSpine(
    invocation,
    async (spine) => {
      const accepted = await orThrow(spine.expectations.acceptGap(name, partition, { reason, author, stage }));
      return {
        exitCode: EXIT_CODES.DONE,
        document: { accepted },
        lines: [
          `${partition} of ${name} need not come: ${accepted.map((gap) => gap.stage).join(", ")}, says ${author}.`,
        ],
      };
    },
    { mustExist: true },
  );
};

/** `spine withdraw-gap <expectation> <partition>`: takes that back. */
export const withdrawGap: Command = (invocation) => {
  const [name = "", partition = ""] = invocation.args;
  const stage = textOption(invocation, "stage");
  return withSpine(
    invocation,
    async (spine) => {
      const withdrawn = await orThrow(spine.expectations.withdrawGap(name, partition, { stage }));
      return {
        exitCode: withdrawn === 0 ? EXIT_CODES.FAILED : EXIT_CODES.DONE,
        document: { withdrawn },
        lines: [
          withdrawn === 0
            ? `Nobody had accepted that ${partition} of ${name} is absent. See: spine gaps ${name}`
            : `${partition} of ${name} is expected again: ${countOf(withdrawn, "stage")}.`,
        ],
      };
    },
    { mustExist: true },
  );
};
