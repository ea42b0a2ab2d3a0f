import { basename, extname } from "node:path";
import { err, ok, type Result, type SpineError } from "@spine/core";
import { DelimitedReader } from "../delimited/delimited-reader.ts";
import { detectFormat } from "../formats/detect-format.ts";
import { json } from "../formats/json.ts";
import { ndjson } from "../formats/ndjson.ts";
import type { RandomAccessFormat, RowFormat, RowReader, RowReaderOptions } from "../formats/row-format.ts";
import type { SourceWarning } from "../source-metadata.ts";
import { importOptional } from "./optional-import.ts";
import type { RowSettings } from "./row-options.ts";

const delimiterByExtension: Readonly<Record<string, string>> = Object.freeze({
  ".csv": ",",
  ".psv": "|",
  ".tsv": "\t",
  ".tab": "\t",
});

/** How the rows of an opened content are read. */
export interface OpenedRows {
  readonly kind: string;
  readonly reader: RowReader<unknown> | RandomAccessFormat;
  readonly warning: SourceWarning | undefined;
}

/** Chooses the format by the settings, else by the first bytes and the name. Fails with `CAPABILITY_MISSING`. */
export async function openRows(
  head: Uint8Array,
  settings: RowSettings,
  reading: RowReaderOptions,
): Promise<Result<OpenedRows, SpineError>> {
  const { format } = settings;
  if (typeof format === "object") return ok(openFormat(format, reading, undefined));
  if (format === "delimited") return ok(openDelimited(settings, reading, undefined));
  const found = detectFormat(head, reading.fileName);
  const { batchSize, maxRecordBytes, encoding } = settings.delimited;
  const options = { batchSize, maxRecordBytes, ...(encoding === undefined ? {} : { encoding }) };
  if (found.format === "delimited") return ok(openDelimited(settings, reading, found.warning));
  if (found.format === "ndjson") return ok(openFormat(ndjson(options), reading, found.warning));
  if (found.format === "json") return ok(openFormat(json(options), reading, found.warning));
  const loaded = await importOptional(() => import("../parquet.ts"), {
    what: "Reading Parquet",
    packages: ["hyparquet", "hyparquet-compressors"],
  });
  if (loaded.isErr()) return err(loaded.error);
  return ok(openFormat(loaded.value.parquet({ batchSize }), reading, found.warning));
}

function openFormat(format: RowFormat, reading: RowReaderOptions, warning: SourceWarning | undefined): OpenedRows {
  return { kind: format.kind, reader: "open" in format ? format.open(reading) : format, warning };
}

function openDelimited(
  { delimited }: RowSettings,
  { locator, fileName }: RowReaderOptions,
  warning: SourceWarning | undefined,
): OpenedRows {
  const expectedDelimiter = delimiterByExtension[extname(basename(fileName)).toLowerCase()];
  return { kind: "delimited", reader: new DelimitedReader({ ...delimited, locator, expectedDelimiter }), warning };
}
