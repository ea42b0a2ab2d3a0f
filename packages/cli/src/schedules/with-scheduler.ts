import { orThrow, SpineError } from "@spine/core";
import type { Spine } from "@spine/orchestration";
import type { SchedulerApi } from "@spine/scheduler";
import type { Invocation } from "../command.ts";
import { withSpine } from "../session.ts";

/** The scheduler among a project's parts, if it has one. */
export function schedulerOf(spine: Spine): SchedulerApi | undefined {
  return (spine as Spine & { readonly scheduler?: SchedulerApi }).scheduler;
}

/** Does something with the project's schedules as its code defines them now. Throws `CAPABILITY_MISSING` without a scheduler. */
export function withScheduler<T>(invocation: Invocation, work: (scheduler: SchedulerApi) => Promise<T>): Promise<T> {
  return withSpine(invocation, async (spine, { path }) => {
    const scheduler = schedulerOf(spine);
    if (scheduler === undefined) {
      throw new SpineError("CAPABILITY_MISSING", "This project has no scheduler.", {
        context: {
          path,
          remedy: "npm i @spine/scheduler, and add scheduler({ schedules }) to `parts` of spine.config.ts.",
        },
      });
    }
    await orThrow(scheduler.sync());
    return work(scheduler);
  });
}
