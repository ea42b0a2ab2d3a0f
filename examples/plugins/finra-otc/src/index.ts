import type { PipelinesOf } from "@spine/core";
import type { pipelines } from "./pipelines/pipelines.ts";

// With this package imported, its pipeline keys, parameters and outputs are known to the compiler.
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

// The plugin
export { finraOtc, finraOtcSince } from "./plugin.ts";
export { weeklyRefresh } from "./workflows/weekly-refresh.ts";
export { type WeeklyApiOptions, weeklyApi, type WeeklySummaryRow } from "./api-source.ts";
export { weekly } from "./groups/weekly.ts";
export { weeklyFile } from "./source.ts";

// What should be there, and what decides whether it may be used
export { finraExpectations, type FinraExpectationsOptions, rollingExpectation, weeklyExpectation } from "./expectations/expectations.ts";
export { type IngestedFile, ingestGate } from "./gates/ingest-gate.ts";
export { normalizeGate } from "./gates/normalize-gate.ts";
export { venueShareGate } from "./gates/venue-share-gate.ts";

// What it stores
export { domain, type FinraPartition, type FinraStage, slotOf } from "./domain.ts";
export type { FinraTables, NormalizedTable, Quantity, RawTable, RollingTable, SymbolSummaryTable, VenueShareTable } from "./tables/tables.ts";

// Rules, pure: the same ones the pipelines apply
export { type FinraTier, parseTier, tiers } from "./rules/tier.ts";
export { publicationOf, weekOfPublication, type WeekRule, weekRules } from "./rules/week-rule.ts";
export { fileNameOf, type FileNameFacts, parseFileName } from "./rules/file-name.ts";
export { type FileOfWeek, newestFileOf } from "./rules/newest-file.ts";
export { type FileWeek, resolveWeek, type ResolveWeekOptions } from "./rules/resolve-week.ts";
export { type AggregateLevel, aggregateLevelOf } from "./rules/aggregate-level.ts";
export { type ColumnMap, type RawRecord, resolveColumns, toRawRecord } from "./rules/columns.ts";
export { type NormalizedRecord, type NormalizeOptions, normalizeRecord, type RejectReason } from "./rules/normalize-record.ts";
export { countReasons, type LinedRecord, type NormalizedWeek, normalizeWeek, type RefusedRecord } from "./rules/normalize-week.ts";
export { dropDuplicates, type Duplicate } from "./rules/duplicates.ts";
export { aggregateSymbols, type SymbolSummary } from "./rules/aggregate.ts";
export { type VenueShare, venueShares } from "./rules/venue-share.ts";
export { rollingSummaries, type RollingSummary, type WeekOfSymbol } from "./rules/rolling.ts";
