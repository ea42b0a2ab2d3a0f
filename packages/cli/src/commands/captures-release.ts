import { orThrow, slotText } from "@spine/core";
import { findCapture } from "../captures/find-capture.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { authorOption, groundsOption } from "../input/options.ts";
import { countOf, instantText } from "../output/format.ts";
import { withStore } from "../session.ts";

/** `spine captures release <capture>`: shows readers a capture that its gate holds back. */
export const capturesRelease: Command = (invocation) => {
  const by = authorOption(invocation);
  const why = groundsOption(invocation, "why");
  return withStore(
    invocation,
    async (store) => {
      const { captureId } = await findCapture(store.captures, invocation.args[0] ?? "");
      const { capture, staled } = await orThrow(store.captures.release({ captureId, by, why }));
      const since = capture.availableAt === undefined ? "" : ` since ${instantText(capture.availableAt)}`;
      return {
        exitCode: EXIT_CODES.DONE,
        document: { capture, staled },
        lines: [
          `Readers see ${captureId} of ${slotText(capture)}${since}.`,
          ...(staled === 0
            ? []
            : [
                `${countOf(staled, "capture")} computed from what was there before: stale now. See: spine lineage ${capture.supersedes ?? captureId} --down`,
              ]),
        ],
      };
    },
    { mustExist: true },
  );
};
