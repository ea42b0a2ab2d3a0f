import {
  type ConfigError,
  didYouMean,
  err,
  fridayBefore,
  type Instant,
  type Json,
  msOf,
  ok,
  plainDateAt,
  type Result,
} from "@spine/core";
import { scheduleInvalid } from "./schedule-invalid.ts";

/** What `{{ … }}` in parameters and in `partition` can name. Dates are those of the schedule's zone. */
export interface TemplateValues {
  readonly schedule: string;
  /** The instant the firing is for, however late it runs. */
  readonly fireTime: Instant;
  readonly fireDate: string;
  /** The last Friday strictly before the fire date. */
  readonly weekEnding: string;
  readonly partition: string;
}

const names = ["schedule", "fireTime", "fireDate", "weekEnding", "partition"] as const;
const pattern = /\{\{\s*([^{}]*?)\s*\}\}/g;

export function templateValues(
  schedule: string,
  instant: Instant,
  timeZone: string,
  partition: string | undefined,
): TemplateValues {
  const fireDate = plainDateAt(msOf(instant), timeZone);
  const values = { schedule, fireTime: instant, fireDate, weekEnding: fridayBefore(fireDate), partition: "" };
  return { ...values, partition: partition === undefined ? "" : (render(partition, values) as string) };
}

/** Replaces `{{ name }}` in every text of a JSON value. */
export function render(value: Json, values: TemplateValues): Json {
  if (typeof value === "string")
    return value.replaceAll(pattern, (whole, name: string) => values[name as keyof TemplateValues] ?? whole);
  if (Array.isArray(value)) return value.map((item: Json) => render(item, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, render(item, values)]));
}

/** Refuses a name that no template knows. Fails with `SCHEDULE_INVALID`. */
export function checkTemplates(value: Json): Result<void, ConfigError> {
  for (const [whole, name = ""] of JSON.stringify(value).matchAll(pattern)) {
    if (names.some((known) => known === name)) continue;
    return err(
      scheduleInvalid(`"${whole}" names nothing.${didYouMean(name, names)} Templates know ${names.join(", ")}.`),
    );
  }
  return ok(undefined);
}
