import { orThrow } from "@spine/core";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { countOption, instantOption } from "../input/options.ts";
import { withScheduler } from "../schedules/with-scheduler.ts";

/** `spine schedule next <schedule>`: the instants to come. */
export const scheduleNext: Command = (invocation) => {
  const count = countOption(invocation, "count", { max: 1000 }) ?? 5;
  const after = instantOption(invocation, "after");
  const [name = ""] = invocation.args;
  return withScheduler(invocation, async (scheduler) => {
    const instants = await orThrow(scheduler.next(name, { count, ...(after === undefined ? {} : { after }) }));
    return {
      exitCode: EXIT_CODES.DONE,
      document: { schedule: name, instants },
      lines: instants.length === 0 ? [`${name} is not due at any time of its own any more.`] : instants,
    };
  });
};
