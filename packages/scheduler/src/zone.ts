import { tryResult } from "@spine/core";

/** Milliseconds since 1970 as a clock on a wall would show them if its zone were UTC: how far a local time has come. */
export type WallMs = number;

const dayMs = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

export function zoneExists(timeZone: string): boolean {
  return tryResult(() => formatterOf(timeZone)).isOk();
}

/** How far the zone's clocks are ahead of UTC at a moment. */
function offsetMs(timeZone: string, epochMs: number): number {
  if (timeZone === "UTC") return 0;
  const wall = formatterOf(timeZone).format(epochMs);
  const [, year, month, day, hour, minute, second] = wallForm.exec(wall) ?? [];
  const shown = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return shown - Math.floor(epochMs / 1000) * 1000;
}

export function wallOf(timeZone: string, epochMs: number): WallMs {
  return epochMs + offsetMs(timeZone, epochMs);
}

/**
 * The moments at which the zone's clocks show a local time: one nearly always, two when clocks were put back over it, none when
 * they were put forward over it. In order.
 */
export function momentsOf(timeZone: string, wall: WallMs): readonly number[] {
  if (timeZone === "UTC") return [wall];
  const offsets = new Set([offsetMs(timeZone, wall - dayMs), offsetMs(timeZone, wall + dayMs)]);
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((epochMs) => wallOf(timeZone, epochMs) === wall)
    .toSorted((a, b) => a - b);
}

/** The first moment after the gap in which a local time is missing. */
export function endOfGap(timeZone: string, wall: WallMs): number {
  return transitionBetween(timeZone, wall - dayMs, wall + dayMs) ?? wall;
}

/** The moment in `(from, to]` at which the zone's offset becomes another one, if the two ends differ; exact to the second. */
export function transitionBetween(timeZone: string, from: number, to: number): number | undefined {
  const before = offsetMs(timeZone, from);
  if (offsetMs(timeZone, to) === before) return undefined;
  let low = Math.floor(from / 1000);
  let high = Math.floor(to / 1000);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(timeZone, middle * 1000) === before) low = middle;
    else high = middle;
  }
  return high * 1000;
}

/** `2025-03-09, 03:00:00`: what the formatter below writes. */
const wallForm = /^(\d+)-(\d\d)-(\d\d), (\d\d):(\d\d):(\d\d)/;

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}
