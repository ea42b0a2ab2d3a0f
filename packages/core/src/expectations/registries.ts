import { type Calendar, weekdayCalendar } from "../dates/calendar.ts";
import { ConfigError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { didYouMean } from "../keys.ts";
import { createRegistry, type Registry } from "../registry.ts";
import { err, ok, type Result } from "../result.ts";
import { type Expectation, expectationInvalid, isExpectation } from "./expectation.ts";

/** Something contributed, and the plugin it comes from: what `host.contributions(kind)` lists. */
export interface Contributed {
  readonly owner: string;
  readonly value: unknown;
}

/** What is expected and the calendars it uses, checked against each other. */
export interface ExpectationRegistries {
  readonly expectations: Registry<Expectation>;
  readonly calendars: Registry<Calendar>;
}

/**
 * Registers expectations and calendars, and checks that each calendar and each requirement is there and that no expectation requires itself by
 * way of others. Fails with `PLUGIN_INVALID`, `KEY_INVALID`, `KEY_DUPLICATE`, `EXPECTATION_INVALID`.
 */
export function registerExpectations(
  definitions: readonly Contributed[],
  ownCalendars: readonly Contributed[],
): Result<ExpectationRegistries, SpineError> {
  const calendars = createRegistry<Calendar>("calendar", {
    notFound: (key, hint) =>
      new ConfigError(`Calendar "${key}" is not registered.${hint}`, {
        code: "EXPECTATION_INVALID",
        context: { calendar: key },
      }),
  });
  const expectations = createRegistry<Expectation>("expectation", {
    notFound: (key, hint) =>
      new ConfigError(`Nothing named "${key}" is expected.${hint}`, {
        code: "EXPECTATION_NOT_FOUND",
        context: { expectation: key },
      }),
  });
  for (const { owner, value } of [{ owner: "core", value: weekdayCalendar }, ...ownCalendars]) {
    if (!isCalendar(value)) return err(notMade(owner, "a calendar", "a name and isBusinessDay"));
    const registered = calendars.register(value.name, value, { owner });
    if (registered.isErr()) return err(registered.error);
  }
  for (const { owner, value } of definitions) {
    if (!isExpectation(value)) return err(notMade(owner, "an expectation", "what defineExpectation returns"));
    const registered = expectations.register(value.name, value, { owner });
    if (registered.isErr()) return err(registered.error);
  }
  for (const { value } of expectations.list()) {
    const mistake = mistakeOf(value, { expectations, calendars });
    if (mistake !== undefined) return err(expectationInvalid(value.name, mistake));
  }
  calendars.seal();
  expectations.seal();
  return ok(Object.freeze({ expectations, calendars }));
}

function mistakeOf(
  { name, calendar, requires }: Expectation,
  { expectations, calendars }: ExpectationRegistries,
): string | undefined {
  if (!calendars.has(calendar))
    return `uses calendar "${calendar}", which is not registered.${didYouMean(calendar, calendars.keys())}`;
  const unknown = requires.find((required) => !expectations.has(required));
  if (unknown !== undefined)
    return `requires "${unknown}", which is not expected.${didYouMean(unknown, expectations.keys())}`;
  const circle = circleThrough(name, expectations);
  return circle === undefined ? undefined : `requires itself: ${circle.join(" → ")}. Remove one of these requirements.`;
}

/** The way along requirements from a name back to it. */
function circleThrough(name: string, expectations: Registry<Expectation>): readonly string[] | undefined {
  const seen = new Set<string>();
  const ways: (readonly string[])[] = [[name]];
  for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
    for (const next of expectations.find(way.at(-1) ?? name)?.requires ?? []) {
      if (next === name) return [...way, name];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

function isCalendar(value: unknown): value is Calendar {
  if (typeof value !== "object" || value === null) return false;
  const { name, isBusinessDay } = value as Partial<Calendar>;
  return typeof name === "string" && typeof isBusinessDay === "function";
}

function notMade(owner: string, what: string, shape: string): SpineError {
  return new ConfigError(`"${owner}" contributes ${what} that is not one: it needs ${shape}.`, {
    code: "PLUGIN_INVALID",
  });
}
