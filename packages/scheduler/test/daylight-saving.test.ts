import { type Instant, instantOfMs } from "@spine/core";
import { describe, expect, it } from "vitest";
import { nextInstants } from "../src/index.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Every change of clocks of the last 30 years, found by asking the runtime for each hour what its clocks show. */
function transitionsOf(timeZone: string): readonly number[] {
  const found: number[] = [];
  const offset = (epochMs: number): number => shown(timeZone, epochMs) - epochMs;
  let before = offset(Date.UTC(1995, 10, 1));
  for (let epochMs = Date.UTC(1995, 10, 1); epochMs < Date.UTC(2025, 11, 1); epochMs += 6 * hourMs) {
    const now = offset(epochMs);
    if (now === before) continue;
    // Clocks change on a full minute.
    let moment = epochMs - 6 * hourMs;
    while (offset(moment) === before) moment += minuteMs;
    found.push(moment);
    before = now;
  }
  return found;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** What clocks show, as if it were UTC; by other means than the code's own. */
function shown(timeZone: string, epochMs: number): number {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
    formatters.set(timeZone, formatter);
  }
  return Date.parse(`${formatter.format(epochMs).replace(" ", "T")}Z`);
}

const zones = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Amman", "America/Sao_Paulo"] as const;

/** Each of them takes a minute: `SPINE_DST_CASES=all`. Without it every sixth change of a zone is looked at. */
const stride = process.env["SPINE_DST_CASES"] === "all" ? 1 : 6;

describe.each(zones)("around every change of clocks in %s", (timeZone) => {
  const transitions = transitionsOf(timeZone);
  const cases = transitions
    .filter((_, index) => index % stride === 0)
    .map((moment) => {
      const from = moment - dayMs;
      const minutes = Array.from({ length: (2 * dayMs) / minuteMs }, (_, index) => from + (index + 1) * minuteMs);
      return { moment, from, to: from + 2 * dayMs, walls: minutes.map((at) => ({ at, wall: shown(timeZone, at) })) };
    });

  it("there are cases", () => {
    expect(transitions.length).toBeGreaterThan(40);
  });

  it.each([
    { gap: "after", overlap: "first" },
    { gap: "skip", overlap: "last" },
    { gap: "after", overlap: "both" },
  ] as const)("a time of day is due by the rule $gap / $overlap", (daylightSaving) => {
    for (const { moment, from, to, walls } of cases) {
      // Each half hour from three hours before to three hours after what clocks show.
      for (let step = -6; step <= 6; step += 1) {
        const timeOfDay = (shown(timeZone, moment) + step * 30 * minuteMs + dayMs * 400) % dayMs;
        const expression = `${(timeOfDay / minuteMs) % 60} ${Math.floor(timeOfDay / hourMs)} * * *`;
        const days = new Map<number, number[]>();
        for (const { at, wall } of walls) {
          const day = Math.floor(wall / dayMs);
          const times = days.get(day) ?? [];
          if (wall % dayMs === timeOfDay) times.push(at);
          days.set(day, times);
        }
        const lost = Math.floor((shown(timeZone, moment - minuteMs) + minuteMs) / dayMs);
        const jumpsOver =
          shown(timeZone, moment) - shown(timeZone, moment - minuteMs) > minuteMs && days.get(lost)?.length === 0;
        const expected = [...days.values()].flatMap((times) => {
          if (daylightSaving.overlap === "both") return times;
          return times.slice(...(daylightSaving.overlap === "first" ? [0, 1] : [-1]));
        });
        const inGap = isInGap(timeZone, moment, timeOfDay);
        if (jumpsOver && inGap && daylightSaving.gap === "after") expected.push(moment);
        const due = expected.toSorted((a, b) => a - b).map(instantOfMs);
        expect({ expression, moment, due: dueBetween({ expression, timeZone, daylightSaving }, from, to, 8) }).toEqual({
          expression,
          moment,
          due,
        });
      }
    }
  });

  it("what is due every quarter of an hour goes by the clock: no time in a gap, both times in an overlap", () => {
    for (const { moment, from, to, walls } of cases) {
      const expected = walls.filter(({ wall }) => wall % (15 * minuteMs) === 0).map(({ at }) => instantOfMs(at));
      expect({ moment, due: dueBetween({ expression: "*/15 * * * *", timeZone }, from, to, 250) }).toEqual({
        moment,
        due: expected,
      });
    }
  });
});

function isInGap(timeZone: string, moment: number, timeOfDay: number): boolean {
  const start = shown(timeZone, moment - minuteMs) + minuteMs;
  const end = shown(timeZone, moment);
  for (let wall = start; wall < end; wall += minuteMs) if (wall % dayMs === timeOfDay) return true;
  return false;
}

function dueBetween(
  schedule: Parameters<typeof nextInstants>[0],
  from: number,
  to: number,
  most: number,
): readonly Instant[] {
  const due = nextInstants(schedule, instantOfMs(from), most)._unsafeUnwrap();
  return due.filter((instant) => Date.parse(instant) <= to);
}
