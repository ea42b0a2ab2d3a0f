// The contract
export type {
  RawReplay,
  RawSink,
  RawWriter,
  ReadOptions,
  ReplayPart,
  Source,
  SourceBatch,
  SourceData,
  SourceDescription,
  SourceParams,
  SourceReject,
  SourceType,
} from "./source.ts";
export type { SourceMetadata, SourcePart, SourceVersion, SourceWarning } from "./source-metadata.ts";
export type { BatchReader, BatchVerdict, SourceStream } from "./source-stream.ts";
export { defineSource, type SourceDefinition } from "./define-source.ts";

// Formats
export { type JsonRowOptions, ndjson } from "./formats/ndjson.ts";
export { json, type JsonOptions } from "./formats/json.ts";
export { fixedWidth, type FixedWidthField, type FixedWidthOptions } from "./formats/fixed-width.ts";
export type { DelimitedDialect, DelimitedOptions, LineEnd, RaggedPolicy } from "./delimited/dialect.ts";
export type { TextRow } from "./delimited/row-factory.ts";
export type { BatchesUntilProblem, RandomAccessFormat, ReadFindings, RowFormat, RowReader, RowReaderOptions, SequentialFormat } from "./formats/row-format.ts";
export type { ReadProblem } from "./text/read-problem.ts";
export type { RowOptions } from "./content/row-options.ts";

// Files
export { type DelimitedChoice, type FileSource, fileSource, type FileSourceOptions, type SchemaRow } from "./file/file-source.ts";
export { type Arrival, folderSource, type FolderSource, type FolderSourceOptions } from "./file/folder-source.ts";
export type { FileOrder, FoundFile } from "./file/find-files.ts";

// Into tables
export { bulkLoad, type BulkLoadOptions, type LoadProgress, type TableRow } from "./bulk-load.ts";

// Around other sources
export { type RetryOptions, withRetry } from "./wrappers/with-retry.ts";
export { withRateLimit } from "./wrappers/with-rate-limit.ts";
export { createRateLimiter, type RateLimiter, type RateLimitOptions } from "./wrappers/rate-limit.ts";
export { type CacheOptions, withCache } from "./wrappers/with-cache.ts";
export { withLimit } from "./wrappers/with-limit.ts";
export { withArchive } from "./wrappers/with-archive.ts";
export { type CacheNote, fileArchive, type RawArchive } from "./archive/file-archive.ts";

// Sources by name
export { createSourceRegistry, type SourceAccess, type SourceName, type SourceRegistry, type SourceRow, type SourceRows } from "./source-registry.ts";
export { sources, type SourcesOptions } from "./sources-part.ts";
