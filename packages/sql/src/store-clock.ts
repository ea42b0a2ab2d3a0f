import { type Clock, type Instant, instantOfMs, nowOf } from "@spine/core";
import { type RawBuilder, sql } from "kysely";
import type { SqlTraits } from "./traits.ts";

/** The one clock of a store's statements: the database's or the host's, never a mixture (design 4.1). */
export interface StoreClock {
  /** The present, as an expression. */
  now(): RawBuilder<Instant>;
  /** The present and a number of milliseconds. */
  after(durationMs: number): RawBuilder<Instant>;
  /** The present as a value to insert, or undefined when a column's default says it. */
  stamp(): Instant | undefined;
}

export function createStoreClock(traits: SqlTraits, clock: Clock): StoreClock {
  const { now, millisecond } = traits;
  if (now === undefined || millisecond === undefined) {
    return {
      now: () => instantValue(traits, nowOf(clock)),
      after: (durationMs) => instantValue(traits, instantOfMs(clock.nowMs() + durationMs)),
      stamp: () => nowOf(clock),
    };
  }
  const present = sql.raw<Instant>(now);
  return {
    now: () => present,
    after: (durationMs) => sql`${present} + ${durationMs} * ${sql.raw(millisecond)}`,
    stamp: () => undefined,
  };
}

/** A bound instant where the engine cannot tell the type from its place. */
function instantValue(traits: SqlTraits, instant: Instant): RawBuilder<Instant> {
  if (traits.instantCast === undefined) return sql`${instant}`;
  return sql`cast(${instant} as ${sql.raw(traits.instantCast)})`;
}
