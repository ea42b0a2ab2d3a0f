import { type ConfigError, didYouMean, err, type Result } from "@spine/core";
import type { Calendars } from "../calendars.ts";
import { scheduleInvalid } from "../schedule-invalid.ts";
import { businessDayTrigger } from "./business-day.ts";
import { cronTrigger } from "./cron.ts";
import { everyTrigger } from "./every.ts";
import type { Trigger, TriggerKind } from "./trigger.ts";
import { afterTrigger, manualTrigger } from "./without-times.ts";

const kinds: readonly TriggerKind[] = [cronTrigger, everyTrigger, businessDayTrigger, afterTrigger, manualTrigger];

/** A trigger of its data; which kind it is, its one key says. Fails with `SCHEDULE_INVALID`. */
export function compileTrigger(when: unknown, calendars: Calendars): Result<Trigger, ConfigError> {
  if (typeof when !== "object" || when === null || Array.isArray(when)) {
    return err(scheduleInvalid(`\`when\` is ${JSON.stringify(when) ?? "missing"}. Write { cron: "0 6 * * 1" }.`));
  }
  const members = when as Readonly<Record<string, unknown>>;
  const names = Object.keys(members).filter((name) => members[name] !== undefined);
  const found = kinds.filter(({ key }) => names.includes(key));
  const [kind] = found;
  const keys = kinds.map(({ key }) => key);
  if (kind === undefined || found.length > 1) {
    const hint = names.map((name) => didYouMean(name, keys)).find((text) => text !== "") ?? "";
    return err(
      scheduleInvalid(
        `\`when\` has ${names.join(", ") || "nothing"}; exactly one of ${keys.join(", ")} is expected.${hint}`,
      ),
    );
  }
  const stranger = names.find((name) => name !== kind.key && !kind.members.includes(name));
  if (stranger !== undefined) {
    const hint = didYouMean(stranger, kind.members);
    return err(scheduleInvalid(`\`when\` has "${stranger}", which ${kind.key} does not know.${hint}`));
  }
  return kind.compile(members, calendars);
}
