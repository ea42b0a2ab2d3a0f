import { orThrow } from "@spine/core";
import { backfillLines } from "../backfills/backfill-lines.ts";
import { judgeBackfill } from "../backfills/backfill-truth.ts";
import { findBackfill } from "../backfills/find-backfill.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { withStore } from "../session.ts";

const statuses = { pause: "PAUSED", cancel: "CANCELLED" } as const;

/** `spine backfill pause|cancel <backfill>`: no further partition begins, for now or ever. */
export function backfillChange(name: keyof typeof statuses): Command {
  return (invocation) =>
    withStore(
      invocation,
      async (store) => {
        const { backfillId } = await findBackfill(store.backfills, invocation.args[0] ?? "");
        const backfill = await orThrow(store.backfills.change({ backfillId, to: statuses[name] }));
        const truth = await judgeBackfill(store, backfill, invocation.io.clock);
        return {
          exitCode: EXIT_CODES.DONE,
          document: { ...backfill, ...truth },
          lines: backfillLines(backfill, truth, invocation.style),
        };
      },
      { mustExist: true },
    );
}
