import type { CaptureTier } from "../captures/capture.ts";
import { addDays, isPlainDate, type PlainDate, weekdayName } from "../dates/business-date.ts";
import { ConfigError } from "../errors/families.ts";
import { encodeJsonObject, type JsonObject } from "../json.ts";
import { parseKey } from "../keys.ts";
import { type Delay, delayMistake, noDelay } from "./delay.ts";
import { type Frequency, frequencyMistake } from "./frequency.ts";
import { templateNames } from "./produce.ts";

/** A stage that a partition must reach. */
export interface ExpectedStage {
  readonly stage: string;
  readonly tier: CaptureTier;
}

/** What makes a partition: a workflow, group or pipeline with parameters, in which `{{ date }}` and the like stand for the partition's parts. */
export interface Produce {
  readonly run: string;
  readonly params: JsonObject;
  /** Over `params` when a partition is captured again although nothing may have changed: in a backfill of mode `all`. */
  readonly force: JsonObject;
}

/** What `defineExpectation` takes for {@link Produce}. @defaultValue no parameters */
export interface ProduceDefinition {
  readonly run: string;
  readonly params?: JsonObject | undefined;
  readonly force?: JsonObject | undefined;
}

export interface ExpectationDefinition {
  /** By which people and other expectations name it: `finra.otc.weekly`. */
  readonly name: string;
  readonly description?: string | undefined;
  /** Whose data: `finra.otc`. */
  readonly domain: string;
  /** What each partition must have, in the order of the work. */
  readonly stages: readonly ExpectedStage[];
  readonly frequency: Frequency;
  /** Which days are business days, by name. @defaultValue "weekdays", which knows no holidays */
  readonly calendar?: string | undefined;
  /**
   * The name of the date in partitions of several parts: with `week`, partitions read `tier=OTC/week=2025-11-14`.
   * @defaultValue none: a partition is the date alone, `2025-11-14`
   */
  readonly dateKey?: string | undefined;
  /** The other parts of partitions and their values; each combination is a partition of each date. */
  readonly dimensions?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The first business date that is expected. */
  readonly start: string;
  /** The last one. @defaultValue none */
  readonly end?: string | undefined;
  /** How long after the beginning of the business date a partition is published, and so due. @defaultValue at once */
  readonly lag?: Delay | undefined;
  /** How long after that it may still come without being late. @defaultValue not at all */
  readonly grace?: Delay | undefined;
  /**
   * Other expectations a partition needs: of each the partitions of the same date, or of its last date before, that have the same
   * dimensions where both have them.
   */
  readonly requires?: readonly string[] | undefined;
  /** How old the captures of a partition may be before it needs capturing again. @defaultValue any age */
  readonly maxAge?: Omit<Delay, "businessDays"> | undefined;
  readonly produce?: ProduceDefinition | undefined;
}

/** What should exist, as data. What `defineExpectation` returns. */
export interface Expectation {
  readonly spine: "expectation/1";
  readonly name: string;
  readonly description: string | undefined;
  readonly domain: string;
  readonly stages: readonly ExpectedStage[];
  readonly frequency: Frequency;
  readonly calendar: string;
  readonly dateKey: string | undefined;
  readonly dimensions: Readonly<Record<string, readonly string[]>>;
  readonly start: PlainDate;
  readonly end: PlainDate | undefined;
  readonly lag: Delay;
  readonly grace: Delay;
  readonly requires: readonly string[];
  readonly maxAge: Omit<Delay, "businessDays"> | undefined;
  readonly produce: Produce | undefined;
}

/**
 * Declares what should exist: which partitions, how far processed, by when, and what makes them. Throws on a mistake in program text
 * (`KEY_INVALID`, `EXPECTATION_INVALID`).
 * @example
 * const weekly = defineExpectation({
 *   name: "finra.otc.weekly",
 *   domain: "finra.otc",
 *   stages: [{ stage: "INGEST", tier: "BRONZE" }, { stage: "AGGREGATE", tier: "GOLD" }],
 *   frequency: { week: "Friday" },
 *   dateKey: "week",
 *   dimensions: { tier: ["T1", "T2", "OTC"] },
 *   start: "2025-01-03",
 *   lag: { weeks: 4 },
 *   grace: { days: 2 },
 *   produce: { run: "finra.weekly_refresh", params: { week: "{{ date }}", tier: "{{ tier }}" } },
 * });
 */
export function defineExpectation(definition: ExpectationDefinition): Expectation {
  const name = parseKey("Expectation", definition.name);
  if (name.isErr()) throw name.error;
  const mistake = mistakeOf(definition);
  if (mistake !== undefined) throw expectationInvalid(definition.name, mistake);
  const { lag = noDelay, grace = noDelay, dimensions = {}, produce, maxAge } = definition;
  return Object.freeze({
    spine: "expectation/1",
    name: definition.name,
    description: definition.description,
    domain: definition.domain,
    stages: Object.freeze(definition.stages.map(({ stage, tier }) => Object.freeze({ stage, tier }))),
    frequency: frozenFrequency(definition.frequency),
    calendar: definition.calendar ?? "weekdays",
    dateKey: definition.dateKey,
    dimensions: Object.freeze(
      Object.fromEntries(Object.entries(dimensions).map(([key, values]) => [key, Object.freeze([...values])])),
    ),
    start: definition.start as PlainDate,
    end: definition.end as PlainDate | undefined,
    lag: Object.freeze({ ...lag }),
    grace: Object.freeze({ ...grace }),
    requires: Object.freeze([...(definition.requires ?? [])]),
    maxAge: maxAge === undefined ? undefined : Object.freeze({ ...maxAge }),
    produce: produce === undefined ? undefined : frozenProduce(produce),
  });
}

export function isExpectation(value: unknown): value is Expectation {
  return typeof value === "object" && value !== null && (value as Partial<Expectation>).spine === "expectation/1";
}

export function expectationInvalid(name: string, mistake: string): ConfigError {
  return new ConfigError(`Expectation "${name}" ${mistake}`, {
    code: "EXPECTATION_INVALID",
    context: { expectation: name },
  });
}

function mistakeOf(definition: ExpectationDefinition): string | undefined {
  const { domain, stages, frequency, start, end, lag, grace, maxAge, dateKey, dimensions = {} } = definition;
  if (domain.trim() === "") return "has no domain. Say whose data it is.";
  if (stages.length === 0) return "has no stages. Name what each partition must have.";
  const twice = stages.find(({ stage }, index) => stages.findIndex((other) => other.stage === stage) !== index);
  if (twice !== undefined) return `names stage "${twice.stage}" twice. Remove one of them.`;
  if (!isPlainDate(start)) return `starts on ${JSON.stringify(start)}, which is no date. Write YYYY-MM-DD.`;
  if (end !== undefined && !isPlainDate(end))
    return `ends on ${JSON.stringify(end)}, which is no date. Write YYYY-MM-DD.`;
  if (end !== undefined && end < start) return `ends on ${end}, before it starts on ${start}. Correct one of them.`;
  if (definition.requires?.includes(definition.name) === true) return "requires itself. Remove that.";
  return (
    frequencyMistake(frequency) ??
    delayMistake("lag", lag) ??
    delayMistake("grace", grace) ??
    delayMistake("maxAge", maxAge) ??
    partMistake(dateKey, dimensions) ??
    produceMistake(definition)
  );
}

function partMistake(
  dateKey: string | undefined,
  dimensions: Readonly<Record<string, readonly string[]>>,
): string | undefined {
  const names = Object.keys(dimensions);
  if (names.length > 0 && dateKey === undefined)
    return 'has dimensions and no dateKey. Name the date\'s part, such as `dateKey: "date"`.';
  if (dateKey === "") return "has an empty dateKey. Name the date's part.";
  for (const name of names) {
    const values = dimensions[name] ?? [];
    if (name === dateKey) return `has a dimension "${name}" of the same name as its date. Rename one of them.`;
    if (name === "date" || name === "partition")
      return `has a dimension "${name}", which templates use for something else. Rename it.`;
    if (values.length === 0) return `has no values for dimension "${name}". List them.`;
    if (new Set(values).size !== values.length)
      return `lists a value of dimension "${name}" twice. Remove one of them.`;
  }
  return undefined;
}

function produceMistake({ produce, dateKey, dimensions = {} }: ExpectationDefinition): string | undefined {
  if (produce === undefined) return undefined;
  if (produce.run.trim() === "") return "does not say what `produce` runs. Name a workflow, group or pipeline.";
  const params = encodeJsonObject({ params: produce.params ?? {}, force: produce.force ?? {} });
  if (params.isErr()) return `has parameters in \`produce\` that are not JSON: ${params.error.message}`;
  const known = new Set(["date", "partition", ...(dateKey === undefined ? [] : [dateKey]), ...Object.keys(dimensions)]);
  const unknown = templateNames(params.value).find((name) => !known.has(name));
  if (unknown === undefined) return undefined;
  return `uses {{ ${unknown} }} in \`produce\`, and a partition has only ${[...known].join(", ")}. Correct the name.`;
}

function frozenProduce({ run, params = {}, force = {} }: ProduceDefinition): Produce {
  return Object.freeze({
    run,
    params: encodeJsonObject(params).unwrapOr({}),
    force: encodeJsonObject(force).unwrapOr({}),
  });
}

function frozenFrequency(frequency: Frequency): Frequency {
  if (typeof frequency !== "object") return frequency;
  if ("dates" in frequency) return Object.freeze({ dates: Object.freeze([...frequency.dates]) });
  return Object.freeze({ ...frequency });
}

/** Something about an expectation that works and will be regretted. */
export interface ExpectationAdvice {
  readonly code: "PARTITION_ALL" | "START_UNEXPECTED";
  readonly message: string;
}

/** What a reviewer would say of an expectation. */
export function lintExpectation(expectation: Expectation): readonly ExpectationAdvice[] {
  const { name, dimensions, frequency, start } = expectation;
  const advice: ExpectationAdvice[] = [];
  const everything = Object.entries(dimensions).find(([, values]) => values.some(isAll));
  if (everything !== undefined) advice.push(partitionAll(`Dimension "${everything[0]}" of expectation "${name}"`));
  if (typeof frequency !== "object") return advice;
  if ("dates" in frequency && frequency.dates.some((entry) => typeof entry === "object" && isAll(entry.partition))) {
    advice.push(partitionAll(`Expectation "${name}"`));
  }
  if ("week" in frequency && weekdayName(start) !== frequency.week) {
    const first = [1, 2, 3, 4, 5, 6]
      .map((days) => addDays(start, days))
      .find((day) => weekdayName(day) === frequency.week);
    advice.push({
      code: "START_UNEXPECTED",
      message: `Expectation "${name}" starts on ${start}, a ${weekdayName(start)}; its first partition is that of ${first ?? start}.`,
    });
  }
  return advice;
}

/** Seed 001 §5, mistake 4. */
function partitionAll(where: string): ExpectationAdvice {
  return {
    code: "PARTITION_ALL",
    message: `${where} has a partition ALL: one slice that holds everything is captured again as a whole for each change, and no gap in it is ever seen. Partition by time.`,
  };
}

function isAll(value: string): boolean {
  return value.toUpperCase() === "ALL";
}
