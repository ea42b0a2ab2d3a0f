import { ConfigError } from "../errors/families.ts";
import { isJsonObject, type Json } from "../json.ts";
import type { Check, CheckCategory, CheckVerdict } from "./check.ts";
import type { QualityMetrics } from "./metrics.ts";

/** Limits of what a step measured; those that are reached are kept. Rates are fractions of the records, 0 to 1. */
export interface Thresholds {
  readonly minValidRate?: number | undefined;
  readonly maxInvalidRate?: number | undefined;
  readonly maxNullRate?: number | undefined;
  readonly minRecordCount?: number | undefined;
  readonly maxRecordCount?: number | undefined;
  /** Limits of the domain's own measures, by their path in `custom`: `{ "share.sum": { min: 0.999, max: 1.001 } }`. */
  readonly custom?:
    | Readonly<Record<string, { readonly min?: number | undefined; readonly max?: number | undefined }>>
    | undefined;
  /** Whether a limit that is not kept fails or warns. @defaultValue "FAIL" */
  readonly onBreach?: "FAIL" | "WARN" | undefined;
}

/** Counts and rates as they follow from what was measured; undefined where it was not. */
export interface QualityRates {
  readonly recordCount: number | undefined;
  readonly validRate: number | undefined;
  readonly invalidRate: number | undefined;
  readonly nullRate: number | undefined;
}

interface Limit {
  readonly name: string;
  readonly category: CheckCategory;
  readonly measure: string;
  readonly valueOf: (metrics: QualityMetrics) => number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * Valid records are those counted as valid, or all that were not counted as invalid; the other way round for invalid ones, also when none
 * was counted as invalid but some as valid (the earlier system's rule). Of no records every rate is 0, so that a partition
 * without records does not pass for valid.
 */
export function qualityRates({ recordCount, validCount, invalidCount, nullCount }: QualityMetrics): QualityRates {
  const rest = (count: number | undefined): number | undefined =>
    recordCount === undefined || count === undefined ? undefined : Math.max(0, recordCount - count);
  const countsValid = (validCount ?? 0) > 0 && (invalidCount ?? 0) === 0;
  const rateOf = (count: number | undefined): number | undefined => {
    if (recordCount === 0) return 0;
    return recordCount === undefined || count === undefined ? undefined : count / recordCount;
  };
  return {
    recordCount,
    validRate: rateOf(validCount ?? rest(invalidCount)),
    invalidRate: rateOf(countsValid ? rest(validCount) : (invalidCount ?? rest(validCount))),
    nullRate: rateOf(nullCount),
  };
}

/**
 * Checks that hold {@link QualityMetrics} to limits, one check for each limit, named after it (`min_valid_rate`). A measure that the step
 * did not take fails its check: what nobody counted is not good. Throws `CONFIG_INVALID` for a limit that is no number.
 * @example
 * const gate = defineGate({ name: "prices.daily", checks: thresholds({ minValidRate: 0.99, minRecordCount: 1 }) });
 */
export function thresholds(limits: Thresholds): readonly Check<QualityMetrics>[] {
  const { onBreach = "FAIL" } = limits;
  return Object.freeze(limitsOf(limits).map((limit) => checkOf(limit, onBreach)));
}

function limitsOf(limits: Thresholds): readonly Limit[] {
  const { minValidRate, maxInvalidRate, maxNullRate, minRecordCount, maxRecordCount, custom = {} } = limits;
  const rate = { category: "INTEGRITY" as const };
  const count = {
    category: "COMPLETENESS" as const,
    measure: "record count",
    valueOf: (metrics: QualityMetrics) => metrics.recordCount,
  };
  const known: readonly Limit[] = [
    {
      ...rate,
      name: "min_valid_rate",
      measure: "valid rate",
      valueOf: (metrics) => qualityRates(metrics).validRate,
      min: minValidRate,
    },
    {
      ...rate,
      name: "max_invalid_rate",
      measure: "invalid rate",
      valueOf: (metrics) => qualityRates(metrics).invalidRate,
      max: maxInvalidRate,
    },
    {
      ...rate,
      name: "max_null_rate",
      measure: "null rate",
      valueOf: (metrics) => qualityRates(metrics).nullRate,
      max: maxNullRate,
    },
    { ...count, name: "min_record_count", min: minRecordCount },
    { ...count, name: "max_record_count", max: maxRecordCount },
  ];
  const own = Object.entries(custom).map(([path, { min, max }]): Limit => {
    return {
      name: `custom.${path}`,
      category: "BUSINESS_RULE",
      measure: path,
      valueOf: ({ custom: measures }) => numberAt(measures, path),
      min,
      max,
    };
  });
  const given = [...known, ...own].filter(({ min, max }) => min !== undefined || max !== undefined);
  const wrong = given.find(({ min = 0, max = 0 }) => !Number.isFinite(min) || !Number.isFinite(max));
  if (wrong !== undefined) throw new ConfigError(`Threshold ${wrong.name} is no number. Pass one.`);
  return given;
}

function checkOf(
  { name, category, measure, valueOf, min, max }: Limit,
  onBreach: "FAIL" | "WARN",
): Check<QualityMetrics> {
  const expected = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return Object.freeze<Check<QualityMetrics>>({
    name,
    category,
    check({ subject }): CheckVerdict {
      const actual = valueOf(subject);
      if (actual === undefined) return { status: "FAIL", message: `The ${measure} was not measured`, expected };
      if (min !== undefined && !(actual >= min))
        return { status: onBreach, message: `The ${measure} is below ${min}`, actual, expected };
      if (max !== undefined && !(actual <= max))
        return { status: onBreach, message: `The ${measure} is above ${max}`, actual, expected };
      return { status: "PASS", message: `The ${measure} is within its limits`, actual, expected };
    },
  });
}

/** The number at a path of names joined by dots; undefined when there is none. */
export function numberAt(measures: Json | undefined, path: string): number | undefined {
  let value: Json | undefined = measures;
  for (const name of path.split(".")) {
    if (value === undefined || !isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return typeof value === "number" ? value : undefined;
}
