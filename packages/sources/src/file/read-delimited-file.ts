import { createHash } from "node:crypto";
import { extname } from "node:path";
import { err, type Instant, ok, type Schema, systemClock } from "@spine/core";
import { DelimitedReader } from "../delimited/delimited-reader.ts";
import type { DelimitedFormat } from "../delimited/dialect.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import { applyRowSchema } from "../row-schema.ts";
import type { ReadOptions, SourceBatch } from "../source.ts";
import type { SourceMetadata } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import { problemError, type ProblemSubject, type ReadProblem } from "../text/read-problem.ts";
import { hasContentOf, readAborted } from "./file-content.ts";
import { changedWhileRead, fileError, openFile } from "./open-file.ts";

export interface DelimitedFileReading<Row> {
  readonly path: string;
  readonly sourceName: string;
  readonly format: DelimitedFormat;
  /** Without it, rows stay as the text has them. */
  readonly schema: Schema<unknown, Row> | undefined;
  readonly publishedAt: Instant | undefined;
}

const delimiterByExtension: Readonly<Record<string, string>> = Object.freeze({
  ".csv": ",",
  ".psv": "|",
  ".tsv": "\t",
  ".tab": "\t",
});
