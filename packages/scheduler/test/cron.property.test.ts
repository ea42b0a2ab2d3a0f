import { instantOfMs } from "@spine/core";
import { Cron } from "croner";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nextInstant } from "../src/index.ts";
import { transitionBetween } from "../src/zone.ts";

const dayMs = 86_400_000;
const zones = [
  "UTC",
  "America/New_York",
  "Europe/London",
  "Australia/Lord_Howe",
  "Asia/Amman",
  "America/Sao_Paulo",
  "Asia/Kolkata",
];

/** One field: a star, a star with a step, a number, a list, or a range with a step. */
function field(least: number, most: number): fc.Arbitrary<string> {
  const number = fc.integer({ min: least, max: most });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant("*") },
    fc.integer({ min: 2, max: Math.max(2, Math.floor(most / 2)) }).map((step) => `*/${step}`),
    { weight: 2, arbitrary: number.map(String) },
    fc
      .uniqueArray(number, { minLength: 2, maxLength: 4 })
      .map((numbers) => numbers.toSorted((a, b) => a - b).join(",")),
    fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );
}

const expressions = fc
  .tuple(
    fc.option(field(0, 59), { nil: undefined }),
    field(0, 59),
    field(0, 23),
    // Days that some months lack are left to the table of examples: looking for them takes years.
    field(1, 28),
    field(1, 12),
    field(0, 6),
  )
  .map((fields) => fields.filter((text) => text !== undefined).join(" "));

test("plain expressions are due when croner says, away from changes of clocks", () => {
  fc.assert(
    fc.property(
      expressions,
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(1996, 0, 1), max: Date.UTC(2035, 0, 1) }),
      (expression, timeZone, afterMs) => {
        const expected = new Cron(expression, { timezone: timeZone, paused: true }).nextRun(new Date(afterMs));
        const due = nextInstant({ expression, timeZone }, instantOfMs(afterMs))._unsafeUnwrap();
        const near = (epochMs: number): boolean =>
          transitionBetween(timeZone, epochMs - 2 * dayMs, epochMs + 2 * dayMs) !== undefined;
        fc.pre(!near(afterMs) && (expected === null || !near(expected.getTime())));
        // croner counts whole seconds.
        expect(due).toBe(expected === null ? undefined : instantOfMs(Math.floor(expected.getTime() / 1000) * 1000));
      },
    ),
    { numRuns: Number(process.env["SPINE_CRON_CASES"] ?? 1000) },
  );
});
