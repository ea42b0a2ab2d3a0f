import { orThrow } from "@spine/core";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { choiceOption, limitOption } from "../input/options.ts";
import { instantText } from "../output/format.ts";
import { oneLine } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { withScheduler } from "../schedules/with-scheduler.ts";

const statuses = ["PENDING", "BUFFERED", "STARTED", "COMPLETED", "PARTIAL", "FAILED", "CANCELLED", "SKIPPED"] as const;

/** `spine schedule history [schedule]`: what became of each instant, newest first, run or not. */
export const scheduleHistory: Command = (invocation) => {
  const limit = limitOption(invocation);
  const status = choiceOption(invocation, "status", statuses);
  const [schedule] = invocation.args;
  return withScheduler(invocation, async (scheduler) => {
    const firings = await orThrow(scheduler.history({ schedule, status, limit }));
    const columns = [
      { title: "INSTANT" },
      { title: "SCHEDULE", ids: true },
      { title: "STATUS" },
      { title: "RUN", ids: true },
      { title: "" },
    ];
    const rows = firings.map((firing) => [
      instantText(firing.instant),
      firing.schedule,
      firing.status,
      firing.status === "SKIPPED" ? "" : firing.runId,
      oneLine(
        [firing.kind === "scheduled" ? undefined : firing.kind, firing.detail, firing.error]
          .filter((text) => text !== undefined)
          .join("; "),
      ),
    ]);
    return {
      exitCode: EXIT_CODES.DONE,
      document: { firings },
      lines: firings.length === 0 ? ["Nothing has come due yet."] : tableLines(columns, rows, invocation.style),
    };
  });
};
