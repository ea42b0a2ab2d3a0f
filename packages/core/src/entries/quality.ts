// Quality
export type { Anomaly, AnomalyChange, AnomalyReport, AnomalySeverity, AnomalyStatus } from "../quality/anomaly.ts";
export type { Check, CheckCategory, CheckContext, CheckResult, CheckStatus, CheckVerdict } from "../quality/check.ts";
export {
  type CheckOutcome,
  defineCheck,
  defineGate,
  evaluateGate,
  type Gate,
  type GateDefinition,
  gateError,
  type GateVerdict,
} from "../quality/gate.ts";
export { historyCheck, type HistoryCheckOptions } from "../quality/history-check.ts";
export type { QualityMetrics } from "../quality/metrics.ts";
export type { Reject, RejectReport } from "../quality/reject.ts";
export { type QualityRates, qualityRates, type Thresholds, thresholds } from "../quality/thresholds.ts";
