import { endOfGap, momentsOf, transitionBetween, type WallMs, wallOf } from "./zone.ts";

/**
 * What happens to a local time on the two nights on which clocks change.
 * `gap`: a time that clocks jump over is due at the first moment after the gap (`after`) or not at all (`skip`).
 * `overlap`: a time that comes twice is due the `first` time, the `last` time, or `both` times.
 */
export interface DaylightSaving {
  readonly gap: "after" | "skip";
  readonly overlap: "first" | "last" | "both";
}

const longestOverlapMs = 86_400_000;

/**
 * The first moment after `after` at which one of a series of local times is due in a zone. The series knows no zones: `nextWall` is
 * its first local time strictly after another. Pure, and exact for every zone the runtime knows.
 */
export function nextMoment(
  nextWall: (after: WallMs) => WallMs | undefined,
  timeZone: string,
  { gap, overlap }: DaylightSaving,
  after: number,
): number | undefined {
  const momentOf = (wall: WallMs): number | undefined => {
    const moments = momentsOf(timeZone, wall).filter((_, index, all) => {
      if (overlap === "both") return true;
      return index === (overlap === "first" ? 0 : all.length - 1);
    });
    if (moments.length > 0) return moments.find((moment) => moment > after);
    const end = gap === "after" ? endOfGap(timeZone, wall) : undefined;
    return end !== undefined && end > after ? end : undefined;
  };
  const firstFrom = (start: WallMs, before: WallMs): number | undefined => {
    for (let wall = nextWall(start); wall !== undefined && wall < before; wall = nextWall(wall)) {
      const moment = momentOf(wall);
      if (moment !== undefined) return moment;
    }
    return undefined;
  };

  const start = wallOf(timeZone, after);
  const found = firstFrom(start, Number.POSITIVE_INFINITY);
  if (overlap === "first" || timeZone === "UTC") return found;
  // Local times that lie behind already come again when clocks are put back before long.
  const back = transitionBetween(timeZone, after, after + longestOverlapMs);
  if (back === undefined) return found;
  const again = wallOf(timeZone, back);
  if (again > wallOf(timeZone, back - 1000)) return found;
  const repeated = firstFrom(again - 1, start + 1);
  return repeated !== undefined && (found === undefined || repeated < found) ? repeated : found;
}
