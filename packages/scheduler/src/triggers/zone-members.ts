import { type ConfigError, err, ok, type Result } from "@spine/core";
import type { DaylightSaving } from "../daylight-saving.ts";
import { scheduleInvalid } from "../schedule-invalid.ts";
import { zoneExists } from "../zone.ts";

type Members = Readonly<Record<string, unknown>>;

/** @defaultValue UTC */
export function readTimeZone({ timeZone = "UTC" }: Members): Result<string, ConfigError> {
  if (typeof timeZone === "string" && zoneExists(timeZone)) return ok(timeZone);
  return err(
    scheduleInvalid(`There is no time zone ${JSON.stringify(timeZone)}. Use an IANA name such as America/New_York.`, {
      timeZone,
    }),
  );
}

const gaps = ["after", "skip"] as const;
const overlaps = ["first", "last", "both"] as const;

export function readDaylightSaving({ daylightSaving = {} }: Members): Result<Partial<DaylightSaving>, ConfigError> {
  const invalid = (): Result<never, ConfigError> =>
    err(
      scheduleInvalid(
        `\`daylightSaving\` is ${JSON.stringify(daylightSaving)}. Write { gap: "after" | "skip", overlap: "first" | "last" | "both" }.`,
      ),
    );
  if (typeof daylightSaving !== "object" || daylightSaving === null) return invalid();
  const { gap, overlap, ...others } = daylightSaving as Members;
  const found = { gap: gaps.find((word) => word === gap), overlap: overlaps.find((word) => word === overlap) };
  if (Object.keys(others).length > 0 || found.gap !== gap || found.overlap !== overlap) return invalid();
  return ok({
    ...(found.gap === undefined ? {} : { gap: found.gap }),
    ...(found.overlap === undefined ? {} : { overlap: found.overlap }),
  });
}

/** A time of day, `HH:MM` or `HH:MM:SS`, as milliseconds after midnight. */
export function readTimeOfDay(text: unknown): Result<number, ConfigError> {
  const match = typeof text === "string" ? /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) : null;
  if (match === null)
    return err(scheduleInvalid(`\`at\` is ${JSON.stringify(text)}. Write a time of day such as "06:30".`));
  const [, hour, minute, second = "0"] = match;
  return ok(((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000);
}
