import type {
  CaptureSlot,
  NewAnomaly,
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
