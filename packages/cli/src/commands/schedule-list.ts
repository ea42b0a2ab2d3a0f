import { orThrow, type ScheduleRecord } from "@spine/core";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { instantText } from "../output/format.ts";
import { oneLine } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { withScheduler } from "../schedules/with-scheduler.ts";

/** `spine schedule list`: schedules, when each is due next, and which are paused. */
export const scheduleList: Command = (invocation) =>
  withScheduler(invocation, async (scheduler) => {
    const schedules = await orThrow(scheduler.list({ retired: invocation.options["all"] === true }));
    const columns = [{ title: "SCHEDULE", ids: true }, { title: "RUNS" }, { title: "NEXT" }, { title: "" }];
    const rows = schedules.map((schedule) => [
      schedule.name,
      schedule.target,
      schedule.nextInstant === undefined ? "" : instantText(schedule.nextInstant),
      oneLine(remarkOf(schedule)),
    ]);
    return {
      exitCode: EXIT_CODES.DONE,
      document: { schedules },
      lines:
        schedules.length === 0
          ? ["No schedules. Define one with defineSchedule and give it to scheduler({ schedules })."]
          : tableLines(columns, rows, invocation.style),
    };
  });

function remarkOf({ pausedAt, pausedBy, pauseReason, retiredAt, follows }: ScheduleRecord): string {
  if (retiredAt !== undefined) return `retired ${instantText(retiredAt)}`;
  if (pausedAt !== undefined) return `paused by ${pausedBy ?? "nobody"}: ${pauseReason ?? "no reason given"}`;
  return follows === undefined ? "" : `after ${follows}`;
}
