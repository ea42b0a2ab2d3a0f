import type {
  CaptureSlot,
  Certificate,
  Instant,
  NewAnomaly,
  NewBackfill,
  NewCheckResult,
  NewReject,
  NewRun,
  StartCapture,
  StepCounts,
  StepSettlement,
  StepStart,
  Transition,
} from "@spine/core";

/** A workflow run of one step, owned by `owner-a`. */
export function buildRun(given: Partial<NewRun> = {}): NewRun {
  const { runId = "run_000001" } = given;
  return {
    runId,
    kind: "workflow",
    name: "prices.daily",
    version: "1",
    domain: "prices",
    partition: "2025-12-19",
    asOf: undefined,
    params: {},
    counts: buildCounts(),
    triggeredBy: "test",
    parentRunId: undefined,
    batchId: undefined,
    traceId: `trace-of-${runId}`,
    executionId: `exec-of-${runId}`,
    dryRun: false,
    definitionHash: "definition-1",
    definition: { name: "prices.daily", steps: [] },
    owner: "owner-a",
    ...given,
  };
}

export function buildCounts(given: Partial<StepCounts> = {}): StepCounts {
  return { total: 1, completed: 0, failed: 0, skipped: 0, ...given };
}

/** The first try of the first step. */
export function buildStart(given: Partial<StepStart> = {}): StepStart {
  return { step: "fetch", kind: "pipeline", position: 0, attempt: 1, ...given };
}

/** The first step, completed at its first try. */
export function buildSettlement(given: Partial<StepSettlement> = {}): StepSettlement {
  return {
    step: "fetch",
    kind: "pipeline",
    position: 0,
    status: "COMPLETED",
    attempt: 1,
    order: 0,
    ...given,
  };
}

/** A transition of {@link buildRun}'s run that changes nothing, by its first owner. */
export function buildTransition(given: Partial<Transition> = {}): Transition {
  return {
    runId: "run_000001",
    owner: "owner-a",
    fence: 1,
    settled: [],
    started: [],
    attempts: [],
    events: [],
    counts: buildCounts(),
    ...given,
  };
}

export function buildSlot(given: Partial<CaptureSlot> = {}): CaptureSlot {
  return { domain: "prices", partition: "2025-12-19", stage: "INGEST", tier: "BRONZE", ...given };
}

export function buildCapture(given: Partial<StartCapture> = {}): StartCapture {
  return { captureId: "cap_000001", ...buildSlot(), ...given };
}

export function buildAnomaly(given: Partial<NewAnomaly> = {}): NewAnomaly {
  return {
    anomalyId: "anom_000001",
    code: "NULL_VOLUME",
    severity: "WARNING",
    message: "3 rows have no volume",
    captureId: undefined,
    domain: "prices",
    partition: undefined,
    stage: undefined,
    runId: undefined,
    step: undefined,
    context: {},
    ...given,
  };
}

export function buildReject(given: Partial<NewReject> = {}): NewReject {
  return {
    rejectId: "rej_000001",
    captureId: "cap_000001",
    stage: "INGEST",
    reasonCode: "SYMBOL_EMPTY",
    reasonDetail: "field 2 is empty",
    record: { symbol: "" },
    sourceLocator: undefined,
    lineNumber: undefined,
    ...given,
  };
}

/** A check that passed. */
export function buildCheckResult(given: Partial<NewCheckResult> = {}): NewCheckResult {
  return {
    resultId: "res_000001",
    captureId: "cap_000001",
    gate: "prices.complete",
    check: "row_count",
    category: "INTEGRITY",
    status: "PASS",
    message: "100 rows",
    actual: 100,
    expected: 100,
    runId: "run_000001",
    step: "fetch",
    ...given,
  };
}

/** A partition that is ready by one capture. */
export function buildCertificate(given: Partial<Certificate> = {}): Omit<Certificate, "certifiedAt"> {
  return {
    certificateId: "cert_000001",
    expectation: "prices",
    domain: "prices",
    partition: "2025-12-19",
    ready: true,
    stages: [
      {
        stage: "INGEST",
        tier: "BRONZE",
        captureId: "cap_000001",
        contentHash: "hash-1",
        availableAt: "2025-12-20T00:00:00.000Z" as Instant,
        gate: "PASS",
        inputs: ["cap_000000"],
      },
    ],
    requirements: [],
    blockers: [],
    runId: "run_000001",
    ...given,
  };
}

/** A backfill of the partitions named, one of them at a time. */
export function buildBackfill(
  partitions: readonly string[],
  given: Partial<Omit<NewBackfill, "items">> = {},
): NewBackfill {
  return {
    backfillId: "bf_000001",
    expectation: "prices",
    target: "prices.daily",
    mode: "missing",
    direction: "forward",
    maxParallel: 1,
    reason: "the source was down",
    createdBy: "ann",
    items: partitions.map((partition) => ({ partition, params: { date: partition } })),
    ...given,
  };
}
