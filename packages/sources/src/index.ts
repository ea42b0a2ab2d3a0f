// The contract
export type { ReadOptions, Source, SourceBatch, SourceData, SourceDescription, SourceParams, SourceReject, SourceType } from "./source.ts";
export type { SourceMetadata, SourceVersion, SourceWarning } from "./source-metadata.ts";
export type { BatchReader, BatchVerdict, SourceStream } from "./source-stream.ts";
export { defineSource, type SourceDefinition } from "./define-source.ts";

// Delimited files
export { type FileRow, type FileSource, fileSource, type FileSourceOptions } from "./file/file-source.ts";
export type { DelimitedDialect, DelimitedOptions, LineEnd, RaggedPolicy } from "./delimited/dialect.ts";
export type { TextRow } from "./delimited/row-factory.ts";

// Sources by name
export { createSourceRegistry, type SourceAccess, type SourceName, type SourceRegistry, type SourceRow, type SourceRows } from "./source-registry.ts";
export { sources, type SourcesOptions } from "./sources-part.ts";
