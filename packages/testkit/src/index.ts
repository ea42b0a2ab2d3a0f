// Conformance suites
export { describeStore, type StoreSubject } from "./store/describe-store.ts";

// Fakes
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { countingIds } from "./counting-ids.ts";
export { type CapturingLogger, capturingLogger, type LogLevel, type LogLine } from "./capturing-logger.ts";

// For tests of one's own
export {
  buildAnomaly,
  buildBackfill,
  buildCapture,
  buildCertificate,
  buildCheckResult,
  buildCounts,
  buildReject,
  buildRun,
  buildSettlement,
  buildSlot,
  buildStart,
  buildTransition,
} from "./builders.ts";
export { expectErr, expectOk } from "./expect-result.ts";
export { silentEnvironment } from "./silent-environment.ts";
