import { ConfigError, type Clock, instantOfMs } from "@spine/core";
import { type Kysely, sql } from "kysely";

/** How far an incremental source has read: an instant, or a number as text or number. */
export type Watermark = string | number;

/** What makes a source read on from where it was. */
export type WatermarkOptions =
  | {
      /** Column of the query that says when a row was written. */
      readonly column: string;
      /**
       * How long a transaction may take from the time it writes into the column to its commit, and how far its clock may be from ours, in
       * milliseconds. Rows younger than that are left for the next reading, so that one committed late is not missed.
       */
      readonly lagMs: number;
      /** Only rows after this instant. @defaultValue all */
      readonly start?: string;
    }
  | {
      /** Column of the query that grows with each row: the number of a sequence. */
      readonly column: string;
      /** How many numbers below the highest one may still be committed. */
      readonly lag: number;
      /** Only rows above this number. @defaultValue all */
      readonly start?: number;
    };

/** The rows of one reading: after the first bound, up to the second. */
export interface WatermarkWindow {
  readonly after: Watermark | undefined;
  readonly until: Watermark;
}

/** Throws `CONFIG_INVALID` for a lag that cannot be meant. */
export function checkWatermark(watermark: WatermarkOptions | undefined): void {
  if (watermark === undefined) return;
  const lag = "lagMs" in watermark ? watermark.lagMs : watermark.lag;
  if (!(lag >= 0)) throw new ConfigError(`A watermark's lag is 0 or more, not ${lag}. Correct the option.`);
}

/**
 * Where this reading ends; undefined when there is nothing behind `after`. Both bounds are values of ours, never those of a row, so that
 * no rounding of a row's time can read it twice or not at all.
 */
export async function resolveWindow(
  watermark: WatermarkOptions,
  context: {
    readonly db: Kysely<Record<string, Record<string, unknown>>>;
    readonly from: { as(alias: string): unknown };
    readonly previous: Watermark | undefined;
    readonly clock: Clock;
  },
): Promise<WatermarkWindow | undefined> {
  const { db, from, clock } = context;
  const after = context.previous ?? watermark.start;
  if ("lagMs" in watermark) {
    const until = instantOfMs(clock.nowMs() - watermark.lagMs);
    return after !== undefined && String(after) >= until ? undefined : { after, until };
  }
  const highest = await db
    .selectFrom(from.as("source") as "source")
    .select(sql<number | string | bigint | null>`max(${sql.ref(watermark.column)})`.as("highest"))
    .executeTakeFirst();
  if (highest === undefined || highest.highest === null) return undefined;
  const until = BigInt(highest.highest) - BigInt(watermark.lag);
  if (after !== undefined && until <= BigInt(after)) return undefined;
  return { after, until: Number.isSafeInteger(Number(until)) ? Number(until) : String(until) };
}

/** A bound as the database compares it: text of digits only in the column of a number would not do everywhere. */
export function boundValue(bound: Watermark, watermark: WatermarkOptions): string | number | bigint {
  return "lagMs" in watermark || typeof bound === "number" ? bound : BigInt(bound);
}
