import { type PlainDate, plainDateAt } from "../dates/business-date.ts";
import { ValidationError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { IdSource } from "../ids.ts";
import { didYouMean } from "../keys.ts";
import { err, ok, type Result, type ResultAsync, resultAsync, tryResult } from "../result.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "../time.ts";
import { certificateHolds, type CertificateDraft } from "./certificate.ts";
import { type Expectation, type ExpectationAdvice, type ExpectedStage, lintExpectation } from "./expectation.ts";
import type { AcceptedGap, GapReport, PartitionReport } from "./gaps.ts";
import { createInspection } from "./inspection.ts";
import { type ExpectedPartition, expectedPartitions } from "./partitions.ts";
import type { Certificate } from "./readiness.ts";
import { type Contributed, registerExpectations } from "./registries.ts";

export interface ExpectationRange {
  /** First business date, included. @defaultValue the expectation's start */
  readonly from?: PlainDate | undefined;
  /** Last business date, included. @defaultValue today in UTC */
  readonly to?: PlainDate | undefined;
}

export interface LatePartition extends PartitionReport {
  readonly expectation: string;
}

export interface Readiness {
  /** The last certificate; undefined when nobody asked for one. */
  readonly certificate: Certificate | undefined;
  /** Whether a certificate of now would name the same captures and be as ready. False without one. */
  readonly holds: boolean;
  /** What a certificate of now would say. */
  readonly present: CertificateDraft;
}

/**
 * What should exist, compared with what does: what `spine.expectations` is. Methods that take a name fail with `EXPECTATION_NOT_FOUND`, those that take
 * a partition with `PARTITION_UNEXPECTED`.
 */
export interface Expectations {
  /** By name. */
  list(): readonly Expectation[];
  get(name: string): Result<Expectation, SpineError>;
  /** What a reviewer would say of all of them. */
  lint(): readonly ExpectationAdvice[];
  /** The partitions of a range, there or not. */
  partitions(name: string, range?: ExpectationRange): Result<readonly ExpectedPartition[], SpineError>;
  /** Reads once per stage, however many partitions there are. */
  gaps(name: string, range?: ExpectationRange): ResultAsync<GapReport, SpineError>;
  /** Partitions of all expectations that are absent past their grace, by expectation, oldest first. */
  late(range?: ExpectationRange): ResultAsync<readonly LatePartition[], SpineError>;
  /**
   * Says that a partition is absent and need not come: one stage of it, or all that are absent. Fails with `STAGE_UNKNOWN`, and
   * `VALIDATION_FAILED` without reason and author, or when nothing is absent.
   */
  acceptGap(
    name: string,
    partition: string,
    options: { readonly reason: string; readonly author: string; readonly stage?: string | undefined },
  ): ResultAsync<readonly AcceptedGap[], SpineError>;
  /** Takes that back. Resolves to how many stages it was said of. */
  withdrawGap(
    name: string,
    partition: string,
    options?: { readonly stage?: string | undefined },
  ): ResultAsync<number, SpineError>;
  /** Looks whether a partition may be used, and keeps what was found. */
  certify(
    name: string,
    partition: string,
    options?: { readonly runId?: string | undefined },
  ): ResultAsync<Certificate, SpineError>;
  /** The last certificate of a partition, and whether it still holds. Writes nothing. */
  readiness(name: string, partition: string): ResultAsync<Readiness, SpineError>;
}

export interface ExpectationsOptions {
  readonly store: Pick<Store, "captures" | "anomalies" | "readiness">;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Expectations and the plugins they come from: `host.contributions("expectations")`. */
  readonly definitions: readonly Contributed[];
  /** Calendars they name: `host.contributions("calendars")`. `weekdays` is always there. */
  readonly calendars?: readonly Contributed[] | undefined;
}

/** Fails with `PLUGIN_INVALID`, `KEY_INVALID`, `KEY_DUPLICATE`, `EXPECTATION_INVALID`. */
export function createExpectations(options: ExpectationsOptions): Result<Expectations, SpineError> {
  const { store, clock, ids, definitions, calendars = [] } = options;
  return registerExpectations(definitions, calendars).map((registries) => {
    const { expectations } = registries;
    const inspection = createInspection({ store, clock, registries });

    function partitions(name: string, range: ExpectationRange = {}): Result<readonly ExpectedPartition[], SpineError> {
      const { from, to = plainDateAt(clock.nowMs()) } = range;
      return expectations
        .get(name)
        .andThen((expectation) =>
          registries.calendars
            .get(expectation.calendar)
            .andThen((calendar) => tryResult(() => expectedPartitions(expectation, { from, to, calendar }))),
        );
    }

    async function gaps(name: string, range: ExpectationRange | undefined): Promise<Result<GapReport, SpineError>> {
      const expectation = expectations.get(name);
      if (expectation.isErr()) return err(expectation.error);
      const expected = partitions(name, range);
      return expected.isErr() ? err(expected.error) : inspection.report(expectation.value, expected.value);
    }

    async function late(range: ExpectationRange | undefined): Promise<Result<readonly LatePartition[], SpineError>> {
      const found: LatePartition[] = [];
      for (const name of expectations.keys()) {
        const report = await gaps(name, range);
        if (report.isErr()) return err(report.error);
        const isLate = new Set(report.value.gaps.filter((gap) => gap.isLate).map(({ partition }) => partition));
        for (const partition of report.value.partitions)
          if (isLate.has(partition.partition)) found.push(Object.freeze({ ...partition, expectation: name }));
      }
      return ok(Object.freeze(found));
    }

    async function acceptGap(
      name: string,
      partition: string,
      { reason, author, stage }: Parameters<Expectations["acceptGap"]>[2],
    ): Promise<Result<readonly AcceptedGap[], SpineError>> {
      if (reason.trim() === "" || author.trim() === "") return err(unsigned(partition));
      const place = inspection
        .find(name, partition)
        .andThen((found) => stagesOf(found.expectation, stage).map(() => found));
      if (place.isErr()) return err(place.error);
      const { expectation, expected } = place.value;
      const report = await inspection.report(expectation, [expected]);
      if (report.isErr()) return err(report.error);
      const absent = report.value.partitions
        .flatMap(({ stages }) => stages)
        .filter(({ current, stage: own }) => current === undefined && (stage === undefined || stage === own));
      if (absent.length === 0) return err(nothingAbsent(name, partition));
      const accepted: AcceptedGap[] = [];
      for (const { stage: own, tier } of absent) {
        const kept = await store.readiness.acceptGap({
          domain: expectation.domain,
          partition,
          stage: own,
          tier,
          reason,
          author,
        });
        if (kept.isErr()) return err(kept.error);
        accepted.push(kept.value);
      }
      return ok(Object.freeze(accepted));
    }

    async function withdrawGap(
      name: string,
      partition: string,
      stage: string | undefined,
    ): Promise<Result<number, SpineError>> {
      const expectation = expectations.get(name);
      if (expectation.isErr()) return err(expectation.error);
      const stages = stagesOf(expectation.value, stage);
      if (stages.isErr()) return err(stages.error);
      let withdrawn = 0;
      for (const { stage: own, tier } of stages.value) {
        const was = await store.readiness.withdrawGap({
          domain: expectation.value.domain,
          partition,
          stage: own,
          tier,
        });
        if (was.isErr()) return err(was.error);
        if (was.value) withdrawn += 1;
      }
      return ok(withdrawn);
    }

    async function certify(
      name: string,
      partition: string,
      runId: string | undefined,
    ): Promise<Result<Certificate, SpineError>> {
      const draft = await inspection.certificate(name, partition, { runId });
      if (draft.isErr()) return err(draft.error);
      return store.readiness.certify({ ...draft.value, certificateId: ids.next("cert") });
    }

    async function readiness(name: string, partition: string): Promise<Result<Readiness, SpineError>> {
      const present = await inspection.certificate(name, partition, {});
      if (present.isErr()) return err(present.error);
      const kept = await store.readiness.certificates({ expectation: name, partition, limit: 1 });
      return kept.map(([certificate]) => {
        const holds = certificate !== undefined && certificateHolds(certificate, present.value);
        return Object.freeze({ certificate, holds, present: present.value });
      });
    }

    return Object.freeze<Expectations>({
      list: () => expectations.list().map(({ value }) => value),
      get: (name) => expectations.get(name),
      lint: () => expectations.list().flatMap(({ value }) => lintExpectation(value)),
      partitions,
      gaps: (name, range) => resultAsync(() => gaps(name, range)),
      late: (range) => resultAsync(() => late(range)),
      acceptGap: (name, partition, given) => resultAsync(() => acceptGap(name, partition, given)),
      withdrawGap: (name, partition, { stage } = {}) => resultAsync(() => withdrawGap(name, partition, stage)),
      certify: (name, partition, { runId } = {}) => resultAsync(() => certify(name, partition, runId)),
      readiness: (name, partition) => resultAsync(() => readiness(name, partition)),
    });

    /** The stages a call is about: the named one, or all. */
    function stagesOf(
      { name, stages }: Expectation,
      stage: string | undefined,
    ): Result<readonly ExpectedStage[], SpineError> {
      if (stage === undefined) return ok(stages);
      const named = stages.filter((own) => own.stage === stage);
      return named.length > 0 ? ok(named) : err(unknownStage(name, stage, stages));
    }
  });
}

function unknownStage(name: string, stage: string, stages: readonly ExpectedStage[]): SpineError {
  const known = stages.map((own) => own.stage);
  return new ValidationError(
    `"${stage}" is not a stage of "${name}".${didYouMean(stage, known)} Its stages are ${known.join(", ")}.`,
    { code: "STAGE_UNKNOWN", value: stage, context: { expectation: name, stages: known } },
  );
}

function unsigned(partition: string): SpineError {
  return new ValidationError(
    `The gap of "${partition}" is accepted without a reason or an author. Pass both: later readers ask.`,
  );
}

function nothingAbsent(name: string, partition: string): SpineError {
  return new ValidationError(`Nothing of "${partition}" of "${name}" is absent, so there is no gap to accept.`, {
    context: { expectation: name, partition },
  });
}
