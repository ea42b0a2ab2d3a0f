// Results and errors
export {
  collect,
  collectAllErrors,
  err,
  errAsync,
  failureOf,
  fromBool,
  fromOptional,
  isResult,
  ok,
  okAsync,
  orThrow,
  partition,
  Result,
  ResultAsync,
  resultAsync,
  safeTry,
  tryAsync,
  tryResult,
} from "./result.ts";
export { ERROR_CODES, type ErrorCategory, type ErrorCode, type ErrorFacts, factsOf, isSpineCode } from "./errors/codes.ts";
export { SpineError, type ErrorContext, type SpineErrorOptions } from "./errors/spine-error.ts";
export {
  AuthError,
  BadParamsError,
  ConfigError,
  CycleDetectedError,
  DatabaseError,
  type FamilyOptions,
  GroupError,
  MissingConfigError,
  NetworkError,
  OrchestrationError,
  ParseError,
  PipelineError,
  PipelineNotFoundError,
  RateLimitError,
  SchemaError,
  SourceError,
  SourceNotFoundError,
  SourceUnavailableError,
  StorageError,
  TimeoutError,
  TransientError,
  ValidationError,
  type ValidationErrorOptions,
} from "./errors/families.ts";
export { categorize, classify, getRetryAfterMs, isRetryable, toSpineError } from "./errors/classify.ts";
export { codeOfHttpStatus } from "./errors/foreign.ts";
export { deserializeError, type SerializedError, serializeError } from "./errors/serialize.ts";

// Values: JSON, hashes, time, ids, dates
export { canonicalJson, encodeJson, encodeJsonObject, isJsonObject, type Json, type JsonArray, type JsonObject, jsonSizeBytes, pathText } from "./json.ts";
export { bytesHash, contentHash, createRowsHasher, recordHash, type RowsHasher } from "./hash.ts";
export { type Clock, type Instant, type InstantInput, instantOfMs, msOf, nowOf, parseInstant, sleep, systemClock } from "./time.ts";
export { createIds, type IdSource, newBatchId } from "./ids.ts";
export {
  addDays,
  daysBetween,
  isPlainDate,
  isWeekend,
  parsePlainDate,
  type PlainDate,
  plainDate,
  plainDateAt,
  type Weekday,
  weekdayName,
  weekdayOf,
} from "./dates/business-date.ts";
export {
  addWeeks,
  currentWeekEnding,
  fridayBefore,
  parseWeekEnding,
  type WeekEnding,
  weekEnding,
  weekEndingOf,
  weekRange,
  weekWindow,
} from "./dates/week-ending.ts";
export {
  addBusinessDays,
  businessDaysBetween,
  type Calendar,
  type CalendarDefinition,
  defineCalendar,
  nextBusinessDay,
  previousBusinessDay,
  weekdayCalendar,
} from "./dates/calendar.ts";
export { type RollingResult, rollingWindow, type Trend, trendOf } from "./dates/rolling.ts";
export { childExecution, type ExecutionContext, newExecution, withBatch } from "./execution.ts";
export { deleteForKey, existingHashes, hashExists, type IdempotencyLevel, type LogicalKey, whereKey } from "./idempotency.ts";

// Host, registries, plugins, events, logs
export { didYouMean, nearestName, parseKey } from "./keys.ts";
export { type Contributions, definePlugin, isPlugin, type Plugin, type PluginDefinition } from "./plugin.ts";
export { type ContextService, createHost, type Host, type HostOptions, type HostPart, type StartedPart } from "./host.ts";
export { createPipelineRegistry, createRegistry, type Registry, type RegistryEntry } from "./registry.ts";
export { createEventBus, type EventBus, type EventListener, type SpineEvent } from "./events/bus.ts";
export { type LogFields, type Logger, silentLogger } from "./logger.ts";

// Pipelines
export {
  definePipeline,
  type InputOf,
  type OutputOf,
  type Pipeline,
  type PipelineDefinition,
  type PipelineKey,
  pipelineKey,
  type PipelineReturn,
  type Pipelines,
  type PipelinesOf,
  type TypedPipelineKey,
} from "./pipeline/pipeline.ts";
export type { AttemptFacts, BeginCapture, CaptureAccess, CaptureFacts, CommitReturn, Content, PipelineContext, RunningCapture } from "./pipeline/context.ts";
export { parseOutput, parseParams, type ParseParamsOptions, refuseUnknownParams } from "./pipeline/params.ts";
export { checkSchema, memberNames, type Schema, type SchemaInput, type SchemaIssue, type SchemaOutput, type SchemaVerdict } from "./pipeline/schema.ts";
export { isSkipped, type Skipped, skipped } from "./pipeline/skipped.ts";

// Chapters of their own
export * from "./entries/captures.ts";
export * from "./entries/quality.ts";
export * from "./entries/expectations.ts";
export * from "./entries/store.ts";
