import { orThrow } from "@spine/core";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { withScheduler } from "../schedules/with-scheduler.ts";

/** `spine schedule run-now <schedule>`: writes a firing that a serving process starts. */
export const scheduleRunNow: Command = (invocation) => {
  const [name = ""] = invocation.args;
  return withScheduler(invocation, async (scheduler) => {
    const firing = await orThrow(scheduler.runNow(name));
    return {
      exitCode: EXIT_CODES.DONE,
      document: firing,
      lines: [`${name} will run as ${firing.runId} as soon as a process with spine serve sees it.`],
    };
  });
};
