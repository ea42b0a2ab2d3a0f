import { type ConfigError, err, ok, type Result } from "@spine/core";
import { scheduleInvalid } from "./schedule-invalid.ts";

/** `30s`, `15m`, `6h`, `7d`, or milliseconds. */
export type Duration = number | string;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration. Fails with `SCHEDULE_INVALID` and the name of the member. */
export function readDuration(value: unknown, member: string, leastMs = 0): Result<number, ConfigError> {
  const [, count = "", unit = ""] = typeof value === "string" ? (/^(\d+)(ms|s|m|h|d)$/.exec(value) ?? []) : [];
  const durationMs = typeof value === "number" ? value : Number(count || Number.NaN) * (unitMs[unit] ?? Number.NaN);
  if (Number.isSafeInteger(durationMs) && durationMs >= leastMs) return ok(durationMs);
  return err(
    scheduleInvalid(
      `\`${member}\` is ${JSON.stringify(value)}. Write a duration of at least ${leastMs} ms, such as "30s", "15m", "6h" or "7d".`,
    ),
  );
}
