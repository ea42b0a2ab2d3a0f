import {
  type CaptureLedger,
  type CompleteCapture,
  createCaptureLedger,
  createExpectations,
  defineCalendar,
  defineExpectation,
  type Expectation,
  type Expectations,
  memory,
  plainDate,
  type RecordStart,
  type Store,
} from "@spine/core";
import {
  buildAnomaly,
  countingIds,
  expectErr,
  expectOk,
  type FakeClock,
  fakeClock,
  silentEnvironment,
} from "@spine/testkit";
import { beforeEach, describe, expect, test } from "vitest";

const calendarYear = defineExpectation({
  name: "reference.calendar",
  domain: "reference",
  stages: [{ stage: "INGEST", tier: "BRONZE" }],
  frequency: { dates: [{ date: "2025-01-01", partition: "2025" }] },
  start: "2025-01-01",
});
const raw = defineExpectation({
  name: "prices.raw",
  domain: "prices",
  stages: [{ stage: "INGEST", tier: "BRONZE" }],
  frequency: "business-day",
  calendar: "XNYS",
  dateKey: "day",
  dimensions: { venue: ["A", "B"] },
  start: "2025-12-17",
  lag: { days: 1 },
  grace: { hours: 12 },
});
const scores = defineExpectation({
  name: "prices.scores",
  domain: "scores",
  stages: [
    { stage: "SCORE", tier: "GOLD" },
    { stage: "REPORT", tier: "GOLD" },
  ],
  frequency: "day",
  start: "2025-12-17",
  requires: ["prices.raw", "reference.calendar"],
  maxAge: { days: 7 },
});
const xnys = defineCalendar({ name: "XNYS", holidays: ["2025-12-18"] });

let clock: FakeClock;
let store: Store;
let ledger: CaptureLedger;
let expectations: Expectations;

beforeEach(async () => {
  clock = fakeClock("2025-12-20T00:00:00Z");
  store = await expectOk(memory().open(silentEnvironment(clock)));
  ledger = createCaptureLedger({ store, ids: countingIds() });
  expectations = await expectOk(create([scores, raw, calendarYear]));
});

function create(
  definitions: readonly unknown[],
  calendars: readonly unknown[] = [xnys],
): ReturnType<typeof createExpectations> {
  const owned = (values: readonly unknown[]): readonly { readonly owner: string; readonly value: unknown }[] =>
    values.map((value) => ({ owner: "prices-plugin", value }));
  return createExpectations({
    store,
    clock,
    ids: countingIds(),
    definitions: owned(definitions),
    calendars: owned(calendars),
  });
}

async function capture(
  of: Expectation,
  partition: string,
  given: Partial<RecordStart> & Pick<CompleteCapture, "gate"> = {},
): Promise<string> {
  const [{ stage, tier } = { stage: "", tier: "" }] = of.stages;
  const { gate, ...start } = given;
  const { captureId } = await expectOk(ledger.recordStart({ domain: of.domain, partition, stage, tier, ...start }));
  await expectOk(ledger.recordComplete(captureId, { rowCount: 1, gate, contentHash: start.contentHash }));
  return captureId;
}

describe("expectations of a host", () => {
  test("are listed and found by name", async () => {
    expect(expectations.list().map(({ name }) => name)).toEqual(["prices.raw", "prices.scores", "reference.calendar"]);
    expect(await expectOk(expectations.get("prices.raw"))).toBe(raw);
    expect((await expectErr(expectations.get("prices.row"), "EXPECTATION_NOT_FOUND")).message).toContain(
      'Did you mean "prices.raw"?',
    );
    await expectErr(expectations.gaps("prices.row"), "EXPECTATION_NOT_FOUND");
    expect(expectations.lint()).toEqual([]);
  });

  test("list their partitions by their own calendars, up to today", async () => {
    expect((await expectOk(expectations.partitions("prices.raw"))).map(({ partition }) => partition)).toEqual([
      "day=2025-12-17/venue=A",
      "day=2025-12-17/venue=B",
      "day=2025-12-19/venue=A",
      "day=2025-12-19/venue=B",
    ]);
  });

  test.for([
    ["nothing that is no expectation", [{ name: "x" }], "PLUGIN_INVALID", "needs what defineExpectation returns"],
    ["no name twice", [raw, raw], "KEY_DUPLICATE", "prices.raw"],
    ["no unknown calendar", [{ ...raw, calendar: "XNSY" }], "EXPECTATION_INVALID", 'Did you mean "XNYS"?'],
    ["no unknown requirement", [scores, raw], "EXPECTATION_INVALID", '"reference.calendar", which is not expected'],
    [
      "no circle of requirements",
      [{ ...raw, requires: ["prices.scores"] }, scores, calendarYear],
      "EXPECTATION_INVALID",
      "prices.raw → prices.scores → prices.raw",
    ],
  ] as const)("have %s", async ([, definitions, code, text]) => {
    expect((await expectErr(create(definitions), code)).message).toContain(text);
  });

  test("have calendars that are some", async () => {
    await expectErr(create([], [{ name: "XNYS" }]), "PLUGIN_INVALID");
    await expectErr(create([], [xnys, xnys]), "KEY_DUPLICATE");
  });
});

describe("gaps", () => {
  test("are what is due and not there, by stage", async () => {
    await capture(raw, "day=2025-12-17/venue=A");
    await capture(raw, "day=2025-12-19/venue=B");
    const report = await expectOk(expectations.gaps("prices.raw"));
    // The 17th was due on the 18th and late at noon; the 19th is due right now.
    expect(report.gaps.map(({ partition, isLate }) => [partition, isLate])).toEqual([
      ["day=2025-12-17/venue=B", true],
      ["day=2025-12-19/venue=A", false],
    ]);
    expect(report.counts).toMatchObject({ arrivedLate: 1, present: 1, late: 1, missing: 1 });
  });

  test("may be asked for of a range", async () => {
    const range = { from: plainDate("2025-12-19"), to: plainDate("2025-12-22") };
    const report = await expectOk(expectations.gaps("prices.raw", range));
    expect(report.counts).toMatchObject({ missing: 2, pending: 2, late: 0 });
  });

  test("cost one read of heads per stage, however many partitions there are", async () => {
    let reads = 0;
    const counted = {
      ...store,
      captures: {
        ...store.captures,
        heads: (filter: Parameters<Store["captures"]["heads"]>[0]) => {
          reads += 1;
          return store.captures.heads(filter);
        },
      },
    };
    const years = defineExpectation({ ...scores, name: "years", start: "2000-01-01", requires: [] });
    const many = await expectOk(
      createExpectations({ store: counted, clock, ids: countingIds(), definitions: [{ owner: "x", value: years }] }),
    );
    const report = await expectOk(many.gaps("years"));
    expect(report.partitions).toHaveLength(9486);
    expect(reads).toBe(2);
  });

  test("can be accepted with reason and author, and that taken back", async () => {
    const given = { reason: "the venue was closed", author: "ana" };
    const [accepted] = await expectOk(expectations.acceptGap("prices.raw", "day=2025-12-17/venue=B", given));
    expect(accepted).toMatchObject({
      stage: "INGEST",
      tier: "BRONZE",
      ...given,
      acceptedAt: "2025-12-20T00:00:00.000Z",
    });
    const accepting = await expectOk(expectations.gaps("prices.raw"));
    expect(accepting.gaps.map(({ partition }) => partition)).not.toContain("day=2025-12-17/venue=B");
    expect(accepting.counts.accepted).toBe(1);
    expect(await expectOk(expectations.withdrawGap("prices.raw", "day=2025-12-17/venue=B"))).toBe(1);
    expect(await expectOk(expectations.withdrawGap("prices.raw", "day=2025-12-17/venue=B"))).toBe(0);
    expect((await expectOk(expectations.gaps("prices.raw"))).counts.accepted).toBe(0);
  });

  test("are accepted of one stage, or of all that are absent", async () => {
    const given = { reason: "no report at year's end", author: "ana" };
    await capture(scores, "2025-12-17");
    expect(await expectOk(expectations.acceptGap("prices.scores", "2025-12-17", given))).toMatchObject([
      { stage: "REPORT" },
    ]);
    expect(
      await expectOk(expectations.acceptGap("prices.scores", "2025-12-18", { ...given, stage: "REPORT" })),
    ).toHaveLength(1);
    expect((await expectOk(expectations.gaps("prices.scores", { to: plainDate("2025-12-18") }))).gaps).toMatchObject([
      { partition: "2025-12-18", stage: "SCORE" },
    ]);
  });

  test("are accepted only where there can be one", async () => {
    const given = { reason: "closed", author: "ana" };
    await capture(raw, "day=2025-12-17/venue=A");
    await expectErr(expectations.acceptGap("prices.raw", "day=2025-12-17/venue=A", given), "VALIDATION_FAILED");
    await expectErr(
      expectations.acceptGap("prices.raw", "day=2025-12-17/venue=B", { ...given, reason: " " }),
      "VALIDATION_FAILED",
    );
    await expectErr(
      expectations.acceptGap("prices.raw", "day=2025-12-17/venue=B", { ...given, stage: "SCORE" }),
      "STAGE_UNKNOWN",
    );
    for (const partition of [
      "day=2025-12-17/venue=C",
      "day=2025-12-20/venue=A",
      "2025-12-17",
      "day=2025-12-18/venue=A",
    ]) {
      const error = await expectErr(expectations.acceptGap("prices.raw", partition, given), "PARTITION_UNEXPECTED");
      expect(error.message).toContain('They look like "day=2025-12-17/venue=A".');
    }
  });

  test("that are late are found over all expectations", async () => {
    await capture(raw, "day=2025-12-17/venue=A");
    const late = await expectOk(expectations.late({ from: plainDate("2025-12-17"), to: plainDate("2025-12-17") }));
    expect(late.map(({ expectation, partition }) => `${expectation} ${partition}`)).toEqual([
      "prices.raw day=2025-12-17/venue=B",
      "prices.scores 2025-12-17",
    ]);
  });
});

describe("a certificate", () => {
  const day = "2025-12-17";

  /** Everything the scores of a day need, and the scores. */
  async function fill(given: Partial<RecordStart> = {}): Promise<readonly string[]> {
    const calendar = await capture(calendarYear, "2025");
    const inputs = [await capture(raw, "day=2025-12-17/venue=A"), await capture(raw, "day=2025-12-17/venue=B")];
    const score = await capture(scores, day, { inputs, ...given });
    const report = await capture(scores, day, { stage: "REPORT", inputs: [score] });
    return [calendar, ...inputs, score, report];
  }
  const blockers = async (partition = day): Promise<readonly string[]> =>
    (await expectOk(expectations.certify("prices.scores", partition))).blockers.map(({ code }) => code);

  test("of a partition that is ready names captures, inputs and requirements", async () => {
    const [, first, second, score, report] = await fill();
    expect(await expectOk(expectations.certify("prices.scores", day, { runId: "run_000001" }))).toMatchObject({
      certificateId: "cert_000001",
      ready: true,
      blockers: [],
      runId: "run_000001",
      stages: [
        { stage: "SCORE", tier: "GOLD", captureId: score, inputs: [first, second] },
        { stage: "REPORT", captureId: report, inputs: [score] },
      ],
      requirements: [
        { expectation: "prices.raw", partition: "day=2025-12-17/venue=A", ready: true },
        { expectation: "prices.raw", partition: "day=2025-12-17/venue=B", ready: true },
        { expectation: "reference.calendar", partition: "2025", ready: true },
      ],
      certifiedAt: "2025-12-20T00:00:00.000Z",
    });
  });

  test("says what is missing, and which requirement is", async () => {
    await capture(raw, "day=2025-12-17/venue=A");
    const certificate = await expectOk(expectations.certify("prices.scores", day));
    expect(certificate.ready).toBe(false);
    expect(certificate.blockers.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "MISSING There is no capture of SCORE.",
      "MISSING There is no capture of REPORT.",
      'REQUIREMENT It requires day=2025-12-17/venue=B of "prices.raw", which is not ready.',
      'REQUIREMENT It requires 2025 of "reference.calendar", which is not ready.',
    ]);
  });

  test("looks for a requirement on the last of its dates", async () => {
    await fill();
    // The 18th is a holiday of the raw prices: scores of that day need those of the 17th.
    await capture(scores, "2025-12-18");
    await capture(scores, "2025-12-18", { stage: "REPORT" });
    expect(await blockers("2025-12-18")).toEqual([]);
  });

  test("is refused by a failed, quarantined or blocked capture", async () => {
    await fill();
    const { captureId } = await expectOk(
      ledger.recordStart({ domain: "scores", partition: "2025-12-18", stage: "SCORE", tier: "GOLD" }),
    );
    await expectOk(ledger.recordFailed(captureId, "out of memory"));
    await capture(scores, "2025-12-18", { stage: "REPORT", gate: "QUARANTINE" });
    expect(await blockers("2025-12-18")).toEqual(["FAILED", "QUARANTINED"]);
    await clock.advance(1000);
    await capture(scores, day, { contentHash: "worse", gate: "QUARANTINE" });
    expect(await blockers()).toEqual([]);
    await capture(scores, day, { contentHash: "worse", gate: "BLOCK" });
    expect(await blockers()).toEqual(["BLOCKED"]);
    // Neither a capture that runs nor one that fails lifts a block; one that passes does.
    const { captureId: again } = await expectOk(
      ledger.recordStart({ domain: "scores", partition: day, stage: "SCORE", tier: "GOLD" }),
    );
    expect(await blockers()).toEqual(["BLOCKED"]);
    await expectOk(ledger.recordFailed(again, "out of memory"));
    expect(await blockers()).toEqual(["BLOCKED"]);
    expect((await expectOk(expectations.gaps("prices.scores"))).counts).toMatchObject({ blocked: 1 });
    await clock.advance(1000);
    await capture(scores, day, { contentHash: "better" });
    await capture(scores, day, { stage: "REPORT" });
    expect(await blockers()).toEqual([]);
  });

  test("is refused by what went stale, however far on", async () => {
    await fill();
    await clock.advance(1000);
    await capture(raw, "day=2025-12-17/venue=A", { contentHash: "restated" });
    expect(await blockers()).toEqual(["STALE", "STALE"]);
  });

  test("is refused by a critical anomaly until somebody settles it", async () => {
    await fill();
    const critical = buildAnomaly({ domain: "scores", partition: day, stage: "SCORE", severity: "CRITICAL" });
    await expectOk(
      store.anomalies.record([
        critical,
        { ...critical, anomalyId: "anom_000002", severity: "ERROR" },
        { ...critical, anomalyId: "anom_000003", stage: "OTHER" },
        { ...critical, anomalyId: "anom_000004", partition: "2025-12-18" },
      ]),
    );
    expect(await blockers()).toEqual(["CRITICAL_ANOMALY"]);
    await expectOk(
      store.anomalies.change({ anomalyId: "anom_000001", status: "ACKNOWLEDGED", by: "ana", why: "looking" }),
    );
    expect(await blockers()).toEqual(["CRITICAL_ANOMALY"]);
    await expectOk(store.anomalies.change({ anomalyId: "anom_000001", status: "ACCEPTED", by: "ana", why: "known" }));
    expect(await blockers()).toEqual([]);
  });

  test("is refused by age", async () => {
    await fill();
    await clock.advance(7 * 86_400_000);
    expect(await blockers()).toEqual([]);
    await clock.advance(1);
    expect(await blockers()).toEqual(["TOO_OLD", "TOO_OLD"]);
  });

  test("does not wait for what was accepted as absent", async () => {
    const given = { reason: "closed", author: "ana" };
    await capture(calendarYear, "2025");
    await capture(scores, day);
    await expectOk(expectations.acceptGap("prices.scores", day, { ...given, stage: "REPORT" }));
    for (const venue of ["A", "B"])
      await expectOk(expectations.acceptGap("prices.raw", `day=2025-12-17/venue=${venue}`, given));
    expect(await blockers()).toEqual([]);
  });

  test("is not given for what is not expected", async () => {
    await expectErr(expectations.certify("prices.scores", "2025-12-16"), "PARTITION_UNEXPECTED");
  });

  test("holds as long as the same captures are as ready", async () => {
    expect(await expectOk(expectations.readiness("prices.scores", day))).toMatchObject({
      certificate: undefined,
      holds: false,
    });
    await fill({ contentHash: "a" });
    const certificate = await expectOk(expectations.certify("prices.scores", day));
    expect(await expectOk(expectations.readiness("prices.scores", day))).toMatchObject({ certificate, holds: true });
    await clock.advance(1000);
    await capture(scores, day, { contentHash: "b" });
    const readiness = await expectOk(expectations.readiness("prices.scores", day));
    expect(readiness.holds).toBe(false);
    expect(readiness.certificate).toEqual(certificate);
    expect(readiness.present.blockers).toMatchObject([{ code: "STALE" }]);
  });
});
