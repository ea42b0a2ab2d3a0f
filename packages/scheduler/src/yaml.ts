import { err, ok, type Result, type SpineError } from "@spine/core";
import { placeText, readYaml } from "@spine/orchestration/yaml";
import { calendarsNamed } from "./calendars.ts";
import { parseSchedule, type ScheduleDefinition } from "./schedule.ts";
import { scheduleInvalid } from "./schedule-invalid.ts";

/**
 * Schedules of a YAML text: `schedules:` with a list of definitions, in the form of {@link ScheduleDefinition}. Fails with
 * `SCHEDULE_INVALID`; the context has `line` and `file`.
 */
export function parseSchedulesYaml(
  text: string,
  options: { readonly file?: string; readonly calendars?: readonly string[] } = {},
): Result<readonly ScheduleDefinition[], SpineError> {
  const where = options.file ?? "YAML";
  const read = readYaml(text, where);
  if (read.isErr()) {
    const { place, why, cause } = read.error;
    return err(
      scheduleInvalid(`${placeText(place)} is not YAML: ${why}.`, { line: place.line, file: options.file }, cause),
    );
  }
  const yaml = read.value;
  const listed: unknown = (yaml.value as { readonly schedules?: unknown } | null)?.schedules;
  if (!Array.isArray(listed))
    return err(scheduleInvalid(`${where} has no list \`schedules:\`.`, { file: options.file }));
  const calendars = calendarsNamed(options.calendars ?? []);
  for (const [index, definition] of listed.entries()) {
    const checked = parseSchedule(definition, calendars);
    if (checked.isOk()) continue;
    const { line } = yaml.at(yaml.valueOffsetOf(["schedules", index]));
    return err(
      scheduleInvalid(`${where}:${line}: ${checked.error.message}`, { line, file: options.file }, checked.error),
    );
  }
  return ok(Object.freeze(listed as readonly ScheduleDefinition[]));
}
