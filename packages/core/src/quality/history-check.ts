import { type Capture, type CaptureSlot, partitionParts } from "../captures/capture.ts";
import { ConfigError } from "../errors/families.ts";
import { ok, type Result, resultAsync } from "../result.ts";
import type { Check, CheckCategory, CheckContext, CheckVerdict } from "./check.ts";
import type { QualityMetrics } from "./metrics.ts";
import { numberAt } from "./thresholds.ts";

export interface HistoryCheckOptions<Subject> {
  /** What is compared: the captures' `rowCount`, or a number in their `metrics` by path (`sums.shares`). @defaultValue "rowCount" */
  readonly measure?: string | undefined;
  /**
   * The measure of the capture that is judged. @defaultValue of QualityMetrics, `recordCount` for "rowCount" and otherwise the path in `custom`
   */
  readonly measureOf?: ((subject: Subject) => number | undefined) | undefined;
  /** How many captures to compare with, of as many partitions. @defaultValue 10 */
  readonly captures?: number | undefined;
  /** With fewer there is nothing to compare with, and the check passes and says so. @defaultValue 3 */
  readonly minHistory?: number | undefined;
  /** How far below the median it may lie, in percent of the median. */
  readonly maxDropPercent?: number | undefined;
  readonly maxRisePercent?: number | undefined;
  /** Parts of the partition that must be the same to be compared, `["tier"]`. @defaultValue none: all partitions of domain, stage and tier */
  readonly sameParts?: readonly string[] | undefined;
  /** @defaultValue `history.<measure>` */
  readonly name?: string | undefined;
  /** @defaultValue "COMPLETENESS" */
  readonly category?: CheckCategory | undefined;
  /** @defaultValue "FAIL" */
  readonly onBreach?: "FAIL" | "WARN" | undefined;
}

/** Of partitions with other parts there may be many in between. */
const lookBackFactor = 20;

/**
 * A check against what came before: the measure may not fall or rise too far from the median of the last captures, the newest one of each
 * partition. Throws `CONFIG_INVALID` when nothing is limited.
 * @example
 * historyCheck({ maxDropPercent: 30, sameParts: ["tier"] });
 */
export function historyCheck<Subject = QualityMetrics>(options: HistoryCheckOptions<Subject>): Check<Subject> {
  const {
    measure = "rowCount",
    captures = 10,
    minHistory = 3,
    maxDropPercent,
    maxRisePercent,
    onBreach = "FAIL",
  } = options;
  const { measureOf = (subject: Subject) => measuredOf(subject as QualityMetrics, measure), sameParts = [] } = options;
  if (maxDropPercent === undefined && maxRisePercent === undefined) {
    throw new ConfigError(
      `The comparison of ${measure} with its history has no limit. Pass maxDropPercent or maxRisePercent.`,
    );
  }
  const limits = { maxDropPercent, maxRisePercent, onBreach };

  async function check(context: CheckContext<Subject>): Promise<Result<CheckVerdict, Error>> {
    const actual = measureOf(context.subject);
    if (actual === undefined) return ok({ status: "FAIL", message: `${measure} was not measured` });
    const read = await context.history(sameParts.length === 0 ? captures * 2 : captures * lookBackFactor);
    return read.map((all) => {
      const values = comparable(all, context.slot, sameParts)
        .flatMap((capture) => historicOf(capture, measure) ?? [])
        .slice(0, captures);
      if (values.length < Math.max(1, minHistory)) {
        return {
          status: "PASS",
          message: `${measure} has only ${values.length} of ${minHistory} captures to compare with`,
          actual,
        };
      }
      return judge(measure, actual, medianOf(values), limits);
    });
  }

  return Object.freeze({
    name: options.name ?? `history.${measure}`,
    category: options.category ?? "COMPLETENESS",
    check: (context: CheckContext<Subject>) => resultAsync(() => check(context)),
  });
}

interface Limits {
  readonly maxDropPercent: number | undefined;
  readonly maxRisePercent: number | undefined;
  readonly onBreach: "FAIL" | "WARN";
}

/** From a median of 0 there is no percentage: any rise is one without limit. */
function judge(measure: string, actual: number, median: number, limits: Limits): CheckVerdict {
  const { maxDropPercent, maxRisePercent, onBreach } = limits;
  const room = Math.abs(median) / 100;
  const min = maxDropPercent === undefined ? undefined : median - maxDropPercent * room;
  const max = maxRisePercent === undefined ? undefined : median + maxRisePercent * room;
  const expected = { median, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  const change = median === 0 ? "" : ` by ${Math.round((Math.abs(actual - median) / Math.abs(median)) * 1000) / 10} %`;
  if (min !== undefined && !(actual >= min))
    return { status: onBreach, message: `${measure} fell${change} from its median`, actual, expected };
  if (max !== undefined && !(actual <= max))
    return { status: onBreach, message: `${measure} rose${change} from its median`, actual, expected };
  return { status: "PASS", message: `${measure} is near its median`, actual, expected };
}

/** The newest capture of each partition, of those with the same parts, newest first. */
function comparable(captures: readonly Capture[], slot: CaptureSlot, sameParts: readonly string[]): readonly Capture[] {
  const own = partitionParts(slot.partition);
  const seen = new Set<string>();
  return captures.filter(({ partition }) => {
    if (seen.has(partition)) return false;
    seen.add(partition);
    const parts = partitionParts(partition);
    return sameParts.every((name) => parts[name] === own[name]);
  });
}

function historicOf({ rowCount, metrics }: Capture, measure: string): number | undefined {
  return measure === "rowCount" ? rowCount : numberAt(metrics, measure);
}

function measuredOf({ recordCount, custom }: QualityMetrics, measure: string): number | undefined {
  return measure === "rowCount" ? recordCount : numberAt(custom, measure);
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
