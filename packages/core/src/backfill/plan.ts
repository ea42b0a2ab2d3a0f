import type { SpineError } from "../errors/spine-error.ts";
import { OrchestrationError, ValidationError } from "../errors/families.ts";
import type { Expectation } from "../expectations/expectation.ts";
import type { GapReport, PartitionReport, StageReport } from "../expectations/gaps.ts";
import { paramsFor, targetMissing } from "../expectations/produce.ts";
import type { JsonObject } from "../json.ts";
import { didYouMean } from "../keys.ts";
import { err, ok, type Result } from "../result.ts";
import type { BackfillDirection, BackfillMode } from "./backfill.ts";

export interface PlanBackfillOptions {
  readonly mode: BackfillMode;
  /** Oldest partition first, or newest. @defaultValue "forward" */
  readonly direction?: BackfillDirection | undefined;
  /** Partitions that are left alone, whatever their state. */
  readonly protect?: readonly string[] | undefined;
  /** Only these of the report. @defaultValue all */
  readonly partitions?: readonly string[] | undefined;
  /** Over the parameters the expectation gives to its target. */
  readonly params?: JsonObject | undefined;
}

export interface BackfillPlan {
  readonly expectation: string;
  /** The workflow, group or pipeline that is run for each partition. */
  readonly target: string;
  readonly mode: BackfillMode;
  readonly direction: BackfillDirection;
  /** In the order in which they begin. */
  readonly items: readonly { readonly partition: string; readonly params: JsonObject; readonly why: string }[];
  /** Partitions the mode would take, and why they are not. */
  readonly excluded: readonly { readonly partition: string; readonly why: string }[];
  readonly counts: {
    /** Partitions that were looked at. */
    readonly expected: number;
    readonly planned: number;
    readonly excluded: number;
    /** Partitions that need nothing of the kind. */
    readonly untouched: number;
  };
}

/**
 * Which partitions a backfill does, with what parameters, in which order (`missing` takes exactly the gaps, `failed` those whose
 * last capture failed, `stale` those with a stale capture, `all` every one that is due, with the parameters of `produce.force`). What is not due or was accepted as
 * absent is left alone in every mode. Fails with `BACKFILL_TARGET_MISSING`, `BACKFILL_EMPTY`, and `PARTITION_UNEXPECTED` for a partition,
 * chosen or protected, that is not in the report.
 */
export function planBackfill(
  expectation: Expectation,
  report: GapReport,
  options: PlanBackfillOptions,
): Result<BackfillPlan, SpineError> {
  const { mode, direction = "forward", protect = [], params = {} } = options;
  const { produce } = expectation;
  if (produce === undefined) return err(targetMissing(expectation.name));
  const unknown = unknownPartition(expectation, report, [...(options.partitions ?? []), ...protect]);
  if (unknown !== undefined) return err(unknown);
  const looked = chosen(report, options.partitions);
  const guarded = new Set(protect);
  const items: BackfillPlan["items"][number][] = [];
  const excluded: BackfillPlan["excluded"][number][] = [];
  for (const found of looked) {
    const why = wanted(found, mode);
    if (why === undefined) continue;
    const { partition } = found;
    const objection = guarded.has(partition) ? "It is protected." : objectionTo(found, report, mode);
    if (objection !== undefined) {
      excluded.push(Object.freeze({ partition, why: objection }));
      continue;
    }
    const own = paramsFor(expectation, found, { again: mode === "all" });
    if (own.isErr()) return err(own.error);
    items.push(Object.freeze({ partition, params: Object.freeze({ ...own.value, ...params }), why }));
  }
  const counts = {
    expected: looked.length,
    planned: items.length,
    excluded: excluded.length,
    untouched: looked.length - items.length - excluded.length,
  };
  if (items.length === 0) return err(nothingToDo(expectation.name, mode, counts));
  return ok(
    Object.freeze({
      expectation: expectation.name,
      target: produce.run,
      mode,
      direction,
      items: Object.freeze(direction === "forward" ? items : items.toReversed()),
      excluded: Object.freeze(excluded),
      counts: Object.freeze(counts),
    }),
  );
}

/** Why a mode takes a partition; undefined when it does not. */
function wanted({ stages, status }: PartitionReport, mode: BackfillMode): string | undefined {
  const named = (matching: PartitionReport["stages"]): string => matching.map(({ stage }) => stage).join(", ");
  switch (mode) {
    case "missing": {
      const absent = stages.filter((stage) => stage.current === undefined && !isAccepted(stage));
      return absent.length === 0 ? undefined : `${named(absent)} missing`;
    }
    case "failed": {
      const failed = stages.filter((stage) => stage.latest?.status === "FAILED" && !isAccepted(stage));
      return failed.length === 0 ? undefined : `${named(failed)} failed`;
    }
    case "stale": {
      const stale = stages.filter(({ current }) => current?.staleAt !== undefined);
      return stale.length === 0 ? undefined : `${named(stale)} stale`;
    }
    default:
      return `${status}, captured again`;
  }
}

function objectionTo({ stages, dueAt }: PartitionReport, { at }: GapReport, mode: BackfillMode): string | undefined {
  const isThere = stages.some(({ current }) => current !== undefined);
  if (at < dueAt && (mode === "missing" || !isThere)) return `It is not due before ${dueAt}.`;
  const accepted = stages.every(isAccepted) ? stages[0]?.accepted : undefined;
  return accepted === undefined ? undefined : `${accepted.author} accepted that it is absent: ${accepted.reason}`;
}

function isAccepted({ current, accepted }: StageReport): boolean {
  return current === undefined && accepted !== undefined;
}

function chosen({ partitions }: GapReport, only: readonly string[] | undefined): readonly PartitionReport[] {
  if (only === undefined) return partitions;
  const taken = new Set(only);
  return partitions.filter(({ partition }) => taken.has(partition));
}

/** A misspelt name would leave the partition that was meant open to the backfill. */
function unknownPartition(
  { name }: Expectation,
  { partitions }: GapReport,
  named: readonly string[],
): SpineError | undefined {
  const known = new Set(partitions.map(({ partition }) => partition));
  const unknown = named.find((partition) => !known.has(partition));
  if (unknown === undefined) return undefined;
  return new ValidationError(
    `"${unknown}" is no partition of "${name}" in this range.${didYouMean(unknown, known)} Correct it, or widen the range.`,
    { code: "PARTITION_UNEXPECTED", value: unknown, context: { expectation: name } },
  );
}

function nothingToDo(name: string, mode: BackfillMode, counts: BackfillPlan["counts"]): SpineError {
  const aside = counts.excluded === 0 ? "" : `, and ${counts.excluded} that would be are left alone`;
  return new OrchestrationError(
    `No partition of "${name}" is to be filled in mode ${mode}: ${counts.untouched} of ${counts.expected} need nothing${aside}. Choose another mode or range.`,
    { code: "BACKFILL_EMPTY", context: { expectation: name, mode, counts } },
  );
}
