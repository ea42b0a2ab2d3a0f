import { type Capture, partitionParts } from "../captures/capture.ts";
import { addDays, isPlainDate, type PlainDate, plainDateAt } from "../dates/business-date.ts";
import type { Calendar } from "../dates/calendar.ts";
import { ValidationError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result, tryResult } from "../result.ts";
import type { Store } from "../store/store.ts";
import { type Clock, nowOf } from "../time.ts";
import { certificateOf, type CertificateDraft, type StageFacts } from "./certificate.ts";
import type { Expectation } from "./expectation.ts";
import { type GapReport, gapsOf, type StageHeads, type StageReport } from "./gaps.ts";
import { type ExpectedPartition, expectedPartitions } from "./partitions.ts";
import type { Certificate } from "./readiness.ts";
import type { ExpectationRegistries } from "./registries.ts";

export interface ExpectedPlace {
  readonly expectation: Expectation;
  readonly calendar: Calendar;
  readonly expected: ExpectedPartition;
}

/** Reads what the store knows of expected partitions. */
export interface Inspection {
  /** Fails with `EXPECTATION_NOT_FOUND`, `PARTITION_UNEXPECTED`. */
  find(name: string, partition: string): Result<ExpectedPlace, SpineError>;
  report(expectation: Expectation, expected: readonly ExpectedPartition[]): Promise<Result<GapReport, SpineError>>;
  certificate(
    name: string,
    partition: string,
    options: { readonly runId?: string | undefined },
  ): Promise<Result<CertificateDraft, SpineError>>;
}

/** Up to so many partitions are asked for by name; more are read with their whole domain. */
const namedPartitions = 200;
const blockPage = 500;
/** How far back the last date of a requirement is looked for: a week, a month, a year, everything. */
const lookBackDays = [0, 7, 31, 366];

export function createInspection({
  store,
  clock,
  registries,
}: {
  readonly store: Pick<Store, "captures" | "anomalies" | "readiness">;
  readonly clock: Clock;
  readonly registries: ExpectationRegistries;
}): Inspection {
  function find(name: string, partition: string): Result<ExpectedPlace, SpineError> {
    return registries.expectations.get(name).andThen((expectation) =>
      registries.calendars.get(expectation.calendar).andThen((calendar) => {
        const today = plainDateAt(clock.nowMs());
        return tryResult(() => findExpected(expectation, partition, { calendar, today })).andThen((expected) =>
          expected === undefined
            ? err(unexpected(expectation, partition, calendar))
            : ok({ expectation, calendar, expected }),
        );
      }),
    );
  }

  async function report(
    expectation: Expectation,
    expected: readonly ExpectedPartition[],
  ): Promise<Result<GapReport, SpineError>> {
    const { domain } = expectation;
    const partitions = expected.length <= namedPartitions ? expected.map(({ partition }) => partition) : undefined;
    const stages: StageHeads[] = [];
    for (const { stage, tier } of expectation.stages) {
      const heads = await store.captures.heads({ domain, stage, tier, partitions });
      if (heads.isErr()) return err(heads.error);
      const only = expected.length === 1 ? expected[0]?.partition : undefined;
      const blocks = await blocksOf({ domain, stage, tier, partition: only });
      if (blocks.isErr()) return err(blocks.error);
      stages.push({ stage, tier, heads: heads.value, blocks: blocks.value });
    }
    const accepted = await store.readiness.acceptedGaps({ domain });
    return accepted.map((gaps) => gapsOf({ expected, stages, accepted: gaps, now: nowOf(clock) }));
  }

  async function inputsOf(current: Capture | undefined): Promise<Result<readonly string[], SpineError>> {
    if (current === undefined) return ok([]);
    const edges = await store.captures.edges({ captureId: current.captureId, direction: "up", nearest: true });
    return edges.map((found) => found.map(({ input }) => input).toSorted());
  }

  async function stageFacts(stage: StageReport): Promise<Result<StageFacts, SpineError>> {
    return (await inputsOf(stage.current)).map((inputs) => ({ ...stage, inputs }));
  }

  /** Captures of a stage that a gate blocked and nobody released. There are never many. */
  async function blocksOf(
    slots: Parameters<Store["captures"]["list"]>[0],
  ): Promise<Result<readonly Capture[], SpineError>> {
    const blocks: Capture[] = [];
    for (;;) {
      const before = blocks.at(-1)?.captureId;
      const page = await store.captures.list({ ...slots, gate: "BLOCK", before, limit: blockPage });
      if (page.isErr()) return err(page.error);
      blocks.push(...page.value);
      if (page.value.length < blockPage) return ok(blocks);
    }
  }

  /** The partitions of what an expectation requires, and whether each is ready. */
  async function requirementsOf({
    expectation,
    expected,
  }: ExpectedPlace): Promise<Result<Certificate["requirements"], SpineError>> {
    const found: Certificate["requirements"][number][] = [];
    for (const name of expectation.requires) {
      const required = registries.expectations
        .get(name)
        .andThen((other) =>
          registries.calendars
            .get(other.calendar)
            .andThen((calendar) => tryResult(() => requiredPartitions(other, expected, calendar))),
        );
      if (required.isErr()) return err(required.error);
      if (required.value.length === 0)
        found.push({ expectation: name, partition: `any until ${expected.date}`, ready: false });
      for (const { partition } of required.value) {
        const draft = await certificate(name, partition, {});
        if (draft.isErr()) return err(draft.error);
        found.push(Object.freeze({ expectation: name, partition, ready: draft.value.ready }));
      }
    }
    return ok(found);
  }

  async function certificate(
    name: string,
    partition: string,
    { runId }: { readonly runId?: string | undefined },
  ): Promise<Result<CertificateDraft, SpineError>> {
    const place = find(name, partition);
    if (place.isErr()) return err(place.error);
    const { expectation, expected } = place.value;
    const reported = await report(expectation, [expected]);
    if (reported.isErr()) return err(reported.error);
    const stages: StageFacts[] = [];
    for (const stage of reported.value.partitions.flatMap((found) => found.stages)) {
      const facts = await stageFacts(stage);
      if (facts.isErr()) return err(facts.error);
      stages.push(facts.value);
    }
    const anomalies = await store.anomalies.list({
      domain: expectation.domain,
      partition,
      severity: "CRITICAL",
      statuses: ["OPEN", "ACKNOWLEDGED"],
    });
    if (anomalies.isErr()) return err(anomalies.error);
    const requirements = await requirementsOf(place.value);
    if (requirements.isErr()) return err(requirements.error);
    return ok(
      certificateOf(expectation, partition, {
        stages,
        anomalies: anomalies.value,
        requirements: requirements.value,
        now: reported.value.at,
        runId,
      }),
    );
  }

  return Object.freeze<Inspection>({ find, report, certificate });
}

/** Mostly the date is in the partition's text; a frequency with names of its own is searched up to a year ahead. */
function findExpected(
  expectation: Expectation,
  partition: string,
  { calendar, today }: { readonly calendar: Calendar; readonly today: PlainDate },
): ExpectedPartition | undefined {
  const { dateKey, frequency, start } = expectation;
  const label = dateKey === undefined ? partition : partitionParts(partition)[dateKey];
  const among = (from: PlainDate, to: PlainDate): ExpectedPartition | undefined =>
    expectedPartitions(expectation, { from, to, calendar }).find((expected) => expected.partition === partition);
  const found = isPlainDate(label) ? among(label, label) : undefined;
  const hasNames = typeof frequency === "function" || (typeof frequency === "object" && "dates" in frequency);
  return found ?? (hasNames ? among(start, addDays(today, 366)) : undefined);
}

/** The partitions a partition requires of an expectation: of its date, or of the last one before, with the dimensions they share. */
function requiredPartitions(
  other: Expectation,
  { date, dimensions }: ExpectedPartition,
  calendar: Calendar,
): readonly ExpectedPartition[] {
  const fitting = (from: PlainDate): readonly ExpectedPartition[] => {
    const all = expectedPartitions(other, { from, to: date, calendar });
    const last = all.at(-1)?.date;
    return all.filter((candidate) => candidate.date === last && agree(candidate.dimensions, dimensions));
  };
  for (const days of lookBackDays) {
    const found = fitting(addDays(date, -days));
    if (found.length > 0) return found;
  }
  return fitting(other.start);
}

function agree(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean {
  return Object.entries(left).every(([name, value]) => right[name] === undefined || right[name] === value);
}

function unexpected(expectation: Expectation, partition: string, calendar: Calendar): SpineError {
  const { name, start } = expectation;
  const [example] = expectedPartitions(expectation, { from: start, to: addDays(start, 366), calendar });
  const form = example === undefined ? "" : ` They look like "${example.partition}".`;
  return new ValidationError(`"${partition}" is not a partition of "${name}".${form}`, {
    code: "PARTITION_UNEXPECTED",
    value: partition,
    context: { expectation: name },
  });
}
