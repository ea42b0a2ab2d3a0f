import { ConfigError, err, type Instant, instantOfMs, msOf, ok, type Result, tryResult } from "@spine/core";
import { Cron } from "croner";

/** When something is due, as a cron expression in a time zone. */
export interface CronSchedule {
  /** Five fields (minute hour day month weekday) or six (second first); names and `@daily` forms are allowed. */
  readonly expression: string;
  /** IANA name. @defaultValue UTC */
  readonly timeZone?: string;
}

/**
 * The first instant strictly after `after` at which the schedule is due, or undefined when there is none any more. Fails with
 * `SCHEDULE_INVALID`. Daylight saving: a time that is skipped is due at the first instant after the gap, a time that comes twice is
 * due the first time; schedules that are due every hour or more often just skip and repeat with the clock.
 */
export function nextInstant(schedule: CronSchedule, after: Instant): Result<Instant | undefined, ConfigError> {
  return calculatorOf(schedule).map((calculator) => {
    const next = calculator.nextRun(new Date(msOf(after)));
    return next === null ? undefined : instantOfMs(next.getTime());
  });
}

/** The next `count` due instants after `after`, in order. Fails with `SCHEDULE_INVALID`. */
export function nextInstants(
  schedule: CronSchedule,
  after: Instant,
  count: number,
): Result<readonly Instant[], ConfigError> {
  return calculatorOf(schedule).map((calculator) =>
    calculator.nextRuns(count, new Date(msOf(after))).map((date) => instantOfMs(date.getTime())),
  );
}

/** croner as a calculator only: it never starts a timer here. */
function calculatorOf({ expression, timeZone = "UTC" }: CronSchedule): Result<Cron, ConfigError> {
  const fields = expression.trim().split(/\s+/).length;
  if (!expression.trim().startsWith("@") && fields !== 5 && fields !== 6) {
    return err(
      invalid(
        expression,
        `it has ${fields} fields; five (minute hour day month weekday) or six (second first) are expected`,
      ),
    );
  }
  if (!zoneExists(timeZone))
    return err(invalid(expression, `there is no time zone "${timeZone}"; use an IANA name such as America/New_York`));
  const made = tryResult(
    () => new Cron(expression.trim(), { timezone: timeZone, paused: true }),
    (thrown) =>
      invalid(
        expression,
        thrown instanceof Error ? thrown.message.replace(/^CronPattern: /, "") : String(thrown),
        thrown,
      ),
  );
  return made.isErr() ? err(made.error) : ok(made.value);
}

function zoneExists(timeZone: string): boolean {
  return tryResult(() => new Intl.DateTimeFormat("en", { timeZone })).isOk();
}

function invalid(expression: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`Cron expression "${expression}" cannot be used: ${why}.`, {
    code: "SCHEDULE_INVALID",
    cause,
    context: { expression },
  });
}
