import { err, ok } from "@spine/core";
import { readDuration } from "../duration.ts";
import { scheduleInvalid } from "../schedule-invalid.ts";
import type { TriggerKind } from "./trigger.ts";

const never = { timeZone: "UTC", next: () => undefined };
const endings: ReadonlySet<unknown> = new Set(["success", "failure", "end"]);

/**
 * `{ after: "finra.ingest" }`: each time a run of another schedule ended, under that run's instant. `on`: `success` (default),
 * `failure` or `end`; `delay`: how much later.
 */
export const afterTrigger: TriggerKind = {
  key: "after",
  members: ["on", "delay"],
  compile({ after, on = "success", delay = 0 }) {
    if (typeof after !== "string" || after === "")
      return err(scheduleInvalid("`after` is not the name of another schedule."));
    if (!endings.has(on))
      return err(scheduleInvalid(`\`on\` is ${JSON.stringify(on)}. Write "success", "failure" or "end".`));
    return readDuration(delay, "delay").map(() => never);
  },
};

/** `{ manual: true }`: only when somebody says so. */
export const manualTrigger: TriggerKind = {
  key: "manual",
  members: [],
  compile: ({ manual }) => (manual === true ? ok(never) : err(scheduleInvalid("`manual` is not true."))),
};
