/** What a window of periods gave. */
export interface RollingResult<P, A> {
  /** Undefined when no period had data: the aggregate is not computed over nothing. */
  readonly aggregates: A | undefined;
  /** Periods that had data, oldest first. */
  readonly present: readonly P[];
  readonly periodsPresent: number;
  readonly periodsTotal: number;
  /** Whether every period had data. */
  readonly isComplete: boolean;
}

/**
 * Aggregates whatever periods of a window exist and says how complete it was. `valueOf` returns undefined for a period
 * without data; `aggregate` gets the others, oldest first.
 */
export function rollingWindow<P, V, A>(options: {
  /** Oldest first; for weeks see `weekWindow`. */
  readonly periods: readonly P[];
  readonly valueOf: (period: P) => V | undefined;
  readonly aggregate: (values: readonly { readonly period: P; readonly value: V }[]) => A;
}): RollingResult<P, A> {
  const values = options.periods.flatMap((period) => {
    const value = options.valueOf(period);
    return value === undefined ? [] : [{ period, value }];
  });
  return {
    aggregates: values.length === 0 ? undefined : options.aggregate(values),
    present: values.map(({ period }) => period),
    periodsPresent: values.length,
    periodsTotal: options.periods.length,
    isComplete: values.length === options.periods.length,
  };
}

export interface Trend {
  readonly direction: "UP" | "DOWN" | "FLAT";
  /** Change of the mean in percent of the first mean, rounded to two decimals. */
  readonly percent: number;
}

/**
 * Compares the mean of the last values with the mean of the first. UP or DOWN only strictly beyond the threshold; nothing to
 * compare, or a first mean of zero, is FLAT with 0.
 * @param options.thresholdPercent default 5
 */
export function trendOf(
  first: readonly number[],
  last: readonly number[],
  options: { readonly thresholdPercent?: number } = {},
): Trend {
  const { thresholdPercent = 5 } = options;
  const base = mean(first);
  if (base === 0 || first.length === 0 || last.length === 0) return { direction: "FLAT", percent: 0 };
  const change = ((mean(last) - base) / base) * 100;
  const percent = Math.round(change * 100) / 100;
  if (change > thresholdPercent) return { direction: "UP", percent };
  if (change < -thresholdPercent) return { direction: "DOWN", percent };
  return { direction: "FLAT", percent };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
