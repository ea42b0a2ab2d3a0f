import type { ConfigError, Instant, Result } from "@spine/core";
import type { Calendars } from "../calendars.ts";

/** When something is due, as pure arithmetic: made once from data, asked any number of times. */
export interface Trigger {
  /** The first instant strictly after `after`, or undefined when there is none any more or it has no times of its own. */
  next(after: Instant): Instant | undefined;
  /** The zone in which its dates are meant. */
  readonly timeZone: string;
}

/** One kind of trigger: the member of `when` it is known by, and how its data becomes a {@link Trigger}. */
export interface TriggerKind {
  /** `cron`, `every`, … */
  readonly key: string;
  /** Members `when` may have beside the key. */
  readonly members: readonly string[];
  /** Fails with `SCHEDULE_INVALID`. */
  compile(when: Readonly<Record<string, unknown>>, calendars: Calendars): Result<Trigger, ConfigError>;
}
