// Conformance suites
export { describeStore, type StoreSubject } from "./store/describe-store.ts";
export { describeSource, type SourceCase, type SourceSubject, type TestedSource } from "./source/describe-source.ts";

// Fakes
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { countingIds } from "./counting-ids.ts";
export { type CapturingLogger, capturingLogger, type LogLevel, type LogLine } from "./capturing-logger.ts";

export { type HostileServer, openHostileServer, type ReceivedRequest } from "./http/hostile-server.ts";
export { type AnswerHeaders, type HttpAnswer, httpAnswers } from "./http/http-answers.ts";

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
