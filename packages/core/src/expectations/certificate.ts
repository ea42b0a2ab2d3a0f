import type { Capture } from "../captures/capture.ts";
import type { Anomaly } from "../quality/anomaly.ts";
import { type Instant, instantOfMs, msOf } from "../time.ts";
import { lengthMs } from "./delay.ts";
import type { Expectation, ExpectedStage } from "./expectation.ts";
import type { StageReport } from "./gaps.ts";
import type { Blocker, Certificate, CertifiedStage } from "./readiness.ts";

/** A certificate before it is kept. */
export type CertificateDraft = Omit<Certificate, "certificateId" | "certifiedAt">;

/** What is known of one expected stage of a partition. */
export interface StageFacts extends ExpectedStage, Pick<StageReport, "current" | "latest" | "block" | "accepted"> {
  /** What the capture readers see was computed from. */
  readonly inputs: readonly string[];
}

export interface ReadinessFacts {
  /** In the order of the expectation. */
  readonly stages: readonly StageFacts[];
  /** CRITICAL ones of the partition that nobody resolved or accepted. */
  readonly anomalies: readonly Anomaly[];
  readonly requirements: Certificate["requirements"];
  readonly now: Instant;
  readonly runId?: string | undefined;
}

/**
 * Whether a partition may be used: every stage is there, or accepted as absent; no gate blocks it; nothing is stale; no critical anomaly is
 * open; what it requires is ready; nothing is older than `maxAge`. A quarantined capture does not block while readers have the one before.
 */
export function certificateOf(
  expectation: Pick<Expectation, "name" | "domain" | "maxAge">,
  partition: string,
  facts: ReadinessFacts,
): CertificateDraft {
  const { stages, anomalies, requirements, now, runId } = facts;
  const oldest = expectation.maxAge === undefined ? undefined : instantOfMs(msOf(now) - lengthMs(expectation.maxAge));
  const stageNames = new Set(stages.map(({ stage }) => stage));
  const blockers = [
    ...stages.flatMap((stage) => stageBlockers(stage, oldest)),
    ...anomalies
      .filter(({ stage }) => stage === undefined || stageNames.has(stage))
      .map((anomaly) =>
        blocker(
          "CRITICAL_ANOMALY",
          `Anomaly ${anomaly.anomalyId} (${anomaly.code}) is ${anomaly.status}: ${anomaly.message}`,
        ),
      ),
    ...requirements
      .filter(({ ready }) => !ready)
      .map((required) =>
        blocker("REQUIREMENT", `It requires ${required.partition} of "${required.expectation}", which is not ready.`),
      ),
  ];
  return Object.freeze({
    expectation: expectation.name,
    domain: expectation.domain,
    partition,
    ready: blockers.length === 0,
    stages: Object.freeze(stages.map(certified)),
    requirements: Object.freeze([...requirements]),
    blockers: Object.freeze(blockers),
    runId,
  });
}

/** Whether a certificate says what one of now would say: the same captures, and as ready as then. */
export function certificateHolds(certificate: CertificateDraft, now: CertificateDraft): boolean {
  const captures = ({ stages }: CertificateDraft): string =>
    JSON.stringify(stages.map(({ stage, tier, captureId }) => [stage, tier, captureId ?? null]));
  return certificate.ready === now.ready && captures(certificate) === captures(now);
}

function stageBlockers(
  { stage, current, latest, block, accepted }: StageFacts,
  oldest: Instant | undefined,
): readonly Blocker[] {
  if (current === undefined && accepted !== undefined) return [];
  if (block !== undefined) return [blocker("BLOCKED", `A gate refused capture ${block.captureId} of ${stage}.`)];
  if (current === undefined) return [absence(stage, latest)];
  const found: Blocker[] = [];
  if (current.staleAt !== undefined) {
    const by = current.staleBy === undefined ? "a restatement" : `capture ${current.staleBy}`;
    found.push(
      blocker("STALE", `Capture ${current.captureId} of ${stage} is stale since ${current.staleAt}, by ${by}.`),
    );
  }
  if (oldest !== undefined && current.availableAt !== undefined && current.availableAt < oldest) {
    found.push(
      blocker("TOO_OLD", `Capture ${current.captureId} of ${stage} is of ${current.availableAt}, older than allowed.`),
    );
  }
  return found;
}

function absence(stage: string, latest: Capture | undefined): Blocker {
  if (latest?.status === "FAILED") {
    return blocker(
      "FAILED",
      `Capture ${latest.captureId} of ${stage} failed: ${latest.error ?? "no reason was given"}`,
    );
  }
  if (latest?.status === "COMPLETE") {
    return blocker("QUARANTINED", `A gate keeps capture ${latest.captureId} of ${stage} aside, and there is no other.`);
  }
  return blocker("MISSING", `There is no capture of ${stage}.`);
}

function blocker(code: Blocker["code"], message: string): Blocker {
  return Object.freeze({ code, message });
}

function certified({ stage, tier, current, inputs }: StageFacts): CertifiedStage {
  return Object.freeze({
    stage,
    tier,
    captureId: current?.captureId,
    contentHash: current?.contentHash,
    availableAt: current?.availableAt,
    gate: current?.gate,
    inputs: Object.freeze([...inputs]),
  });
}
