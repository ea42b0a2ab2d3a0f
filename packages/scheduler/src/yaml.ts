import { err, ok, type Result, type SpineError } from "@spine/core";
import { LineCounter, parseDocument } from "yaml";
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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const where = options.file ?? "YAML";
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    return err(
      scheduleInvalid(`${where}:${line}:${col} is not YAML: ${broken.message}`, { line, file: options.file }, broken),
    );
  }
  const listed: unknown = (document.toJS() as { readonly schedules?: unknown } | null)?.schedules;
  if (!Array.isArray(listed))
    return err(scheduleInvalid(`${where} has no list \`schedules:\`.`, { file: options.file }));
  const calendars = calendarsNamed(options.calendars ?? []);
  for (const [index, definition] of listed.entries()) {
    const checked = parseSchedule(definition, calendars);
    if (checked.isOk()) continue;
    const node = document.getIn(["schedules", index], true) as { readonly range?: readonly [number] } | undefined;
    const line = lines.linePos(node?.range?.[0] ?? 0).line;
    return err(
      scheduleInvalid(`${where}:${line}: ${checked.error.message}`, { line, file: options.file }, checked.error),
    );
  }
  return ok(Object.freeze(listed as readonly ScheduleDefinition[]));
}
