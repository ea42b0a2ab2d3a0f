import { err, type Instant, instantOfMs, msOf, ok, parseInstant } from "@spine/core";
import { readDuration } from "../duration.ts";
import { scheduleInvalid } from "../schedule-invalid.ts";
import type { TriggerKind } from "./trigger.ts";

/** `{ every: "15m" }`: at fixed distances in elapsed time, counted from `from`, so that every process reckons the same instants. */
export const everyTrigger: TriggerKind = {
  key: "every",
  members: ["from"],
  compile({ every, from = "1970-01-01T00:00:00Z" }) {
    const start = parseInstant(from as string);
    if (start.isErr()) return err(scheduleInvalid(`\`from\` of an interval: ${start.error.message}`, {}, start.error));
    return readDuration(every, "every", 1000).andThen((everyMs) => {
      const startMs = msOf(start.value);
      return ok({
        timeZone: "UTC",
        next: (after: Instant) => {
          const passed = Math.floor((msOf(after) - startMs) / everyMs) + 1;
          return instantOfMs(startMs + Math.max(0, passed) * everyMs);
        },
      });
    });
  },
};
