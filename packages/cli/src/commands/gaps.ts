import { type GapReport, orThrow, type PartitionReport } from "@spine/core";
import type { Command, Invocation } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { gapLines } from "../expectations/gap-lines.ts";
import { needsRepair, repairOf } from "../expectations/repair.ts";
import { commandInvalid, limitOption, rangeOptions } from "../input/options.ts";
import { withSpine } from "../session.ts";

/** `spine gaps <expectation>`: partitions that are expected and not there, and what repairs that. */
export const gaps: Command = (invocation) => {
  const range = rangeOptions(invocation);
  const limit = limitOption(invocation);
  const { style } = invocation;
  const wanted = subjectOf(invocation);
  return withSpine(
    invocation,
    async (spine) => {
      const reports: { readonly name: string; readonly report: GapReport }[] = [];
      const names = wanted === undefined ? spine.expectations.list().map(({ name }) => name) : [wanted];
      for (const name of names) {
        reports.push({ name, report: await orThrow(spine.expectations.gaps(name, range)) });
      }
      const hasGaps = reports.some(({ report }) => report.gaps.length > 0);
      return {
        exitCode: hasGaps ? EXIT_CODES.FAILED : EXIT_CODES.DONE,
        document: { expectations: reports.map(({ name, report }) => documentOf(name, report)) },
        lines:
          reports.length === 0
            ? ["Nothing is expected. Say what should exist with: defineExpectation"]
            : reports.flatMap(({ name, report }, index) => [
                ...(index === 0 ? [] : [""]),
                ...gapLines(name, report, { limit, style }),
              ]),
      };
    },
    { mustExist: true },
  );
};

/** The expectation that is named; undefined when it is all of them. */
function subjectOf({ args: [name], options }: Invocation): string | undefined {
  const isAll = options["all"] === true;
  if (name !== undefined && isAll) throw commandInvalid(`Both "${name}" and --all are given.`, "Give one of them.");
  if (name === undefined && !isAll)
    throw commandInvalid("No expectation is named.", "Name one of: spine list expectations (or all with --all)");
  return name;
}

/** All of what is not as it should be, whatever the limit: for programs. */
function documentOf(expectation: string, { partitions, counts, gaps: found, at }: GapReport): unknown {
  return {
    expectation,
    at,
    expected: partitions.length,
    counts,
    gaps: found,
    partitions: partitions
      .filter(needsRepair)
      .map((partition) => ({ ...briefOf(partition), repair: repairOf(expectation, partition) })),
  };
}

function briefOf({
  partition,
  date,
  status,
  dueAt,
  lateAt,
  stages,
}: PartitionReport): Readonly<Record<string, unknown>> {
  return {
    partition,
    date,
    status,
    dueAt,
    lateAt,
    stages: stages.map(({ stage, tier, status: own, current, latest }) => ({
      stage,
      tier,
      status: own,
      current: current?.captureId,
      latest: latest?.captureId,
    })),
  };
}
