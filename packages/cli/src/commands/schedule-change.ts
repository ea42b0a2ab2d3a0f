import { orThrow } from "@spine/core";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { authorOption, groundsOption } from "../input/options.ts";
import { withScheduler } from "../schedules/with-scheduler.ts";

/** `spine schedule pause <schedule>`: its instants are skipped, each with a row, until it is resumed. */
export const schedulePause: Command = (invocation) => {
  const by = authorOption(invocation);
  const reason = groundsOption(invocation, "reason");
  const [name = ""] = invocation.args;
  return withScheduler(invocation, async (scheduler) => {
    await orThrow(scheduler.pause(name, { by, reason }));
    return {
      exitCode: EXIT_CODES.DONE,
      document: { schedule: name, pausedBy: by, pauseReason: reason },
      lines: [`${name} is paused. Go on with: spine schedule resume ${name}`],
    };
  });
};

/** `spine schedule resume <schedule>`. */
export const scheduleResume: Command = (invocation) => {
  const [name = ""] = invocation.args;
  return withScheduler(invocation, async (scheduler) => {
    await orThrow(scheduler.resume(name));
    return {
      exitCode: EXIT_CODES.DONE,
      document: { schedule: name },
      lines: [`${name} goes on with its next instant.`],
    };
  });
};
