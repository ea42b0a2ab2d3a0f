import { partitionKey } from "../captures/capture.ts";
import { type Calendar, weekdayCalendar } from "../dates/calendar.ts";
import type { PlainDate } from "../dates/business-date.ts";
import type { Instant } from "../time.ts";
import { deadlinesOf } from "./delay.ts";
import { type Expectation, expectationInvalid } from "./expectation.ts";
import { type DatedLabel, datesIn } from "./frequency.ts";

/** A partition that should exist, and by when. */
export interface ExpectedPartition {
  readonly partition: string;
  /** The business date it is about. */
  readonly date: PlainDate;
  /** How the partition calls its date: like the date, unless the frequency names it otherwise. */
  readonly label: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** When it should be there: 00:00 UTC of the date plus lag. */
  readonly dueAt: Instant;
  /** When its absence is no longer excused: `dueAt` plus grace. */
  readonly lateAt: Instant;
}

export interface PartitionRange {
  /** First business date, included. @defaultValue the expectation's start */
  readonly from?: PlainDate | undefined;
  /** Last business date, included; never past the expectation's end. */
  readonly to: PlainDate;
  /** The one the expectation names. @defaultValue Monday to Friday */
  readonly calendar?: Calendar | undefined;
}

/**
 * What should exist in a range of business dates, oldest first, the combinations of dimensions in the order they are listed. Costs time in
 * proportion to what it returns. Throws `EXPECTATION_INVALID` when a frequency of the user's gives what is no date.
 */
export function expectedPartitions(
  expectation: Expectation,
  { from = expectation.start, to, calendar = weekdayCalendar }: PartitionRange,
): readonly ExpectedPartition[] {
  const { start, end, dateKey } = expectation;
  const range = {
    from: from < start ? start : from,
    to: end !== undefined && end < to ? end : to,
    calendar,
  };
  const combinations = combinationsOf(expectation.dimensions);
  return datesOf(expectation, range).flatMap(({ date, label }) => {
    const deadlines = deadlinesOf(date, expectation, calendar);
    return combinations.map((dimensions) =>
      Object.freeze({
        partition: dateKey === undefined ? label : partitionKey({ ...dimensions, [dateKey]: label }),
        date,
        label,
        dimensions,
        ...deadlines,
      }),
    );
  });
}

function datesOf(
  { name, frequency }: Expectation,
  range: Required<PartitionRange> & { from: PlainDate; calendar: Calendar },
): readonly DatedLabel[] {
  try {
    return datesIn(frequency, range);
  } catch (thrown) {
    if (thrown instanceof TypeError) throw expectationInvalid(name, `cannot be listed. ${thrown.message}`);
    throw thrown;
  }
}

/** Every choice of one value of each dimension; one empty choice when there are none. */
function combinationsOf(
  dimensions: Readonly<Record<string, readonly string[]>>,
): readonly Readonly<Record<string, string>>[] {
  return Object.entries(dimensions)
    .reduce<readonly Readonly<Record<string, string>>[]>(
      (before, [name, values]) => before.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
      [{}],
    )
    .map((choice) => Object.freeze(choice));
}
