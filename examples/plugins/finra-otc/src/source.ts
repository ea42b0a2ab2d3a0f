import { err, type ResultAsync, resultAsync, type SpineError } from "@spine/core";
import { type FileSource, fileSource } from "@spine/sources";
import { domain } from "./domain.ts";
import { type ColumnMap, type RawRecord, resolveColumns, toRawRecord } from "./rules/columns.ts";

/**
 * A weekly file of FINRA: fields between bars, whatever its extension says. FINRA quotes nothing, so a quote is a character of a
 * name; read as quoting, one name that begins with a quote would swallow the rest of the file. Takes parameter `file`, a path.
 */
export const weeklyFile: FileSource = fileSource({
  name: "finra.otc.weekly_file",
  domain,
  path: ({ file }) => String(file),
  delimiter: "|",
  quote: false,
  ragged: "reject",
});

export interface FileHead {
  readonly columns: ColumnMap;
  /** Undefined when the file has no records. */
  readonly first: RawRecord | undefined;
}

/** Reads as far as the first record. Fails as the source does, and with `SCHEMA_MISMATCH` when it is no weekly file. */
export function readHead(file: string, signal: AbortSignal): ResultAsync<FileHead, SpineError> {
  return resultAsync<FileHead, SpineError>(async () => {
    const stream = weeklyFile.stream({ params: { file }, signal });
    for await (const batch of stream) {
      if (batch.isErr()) return err(batch.error);
      const [first] = batch.value.rows;
      if (first === undefined) continue;
      return resolveColumns(Object.keys(first), { file }).map((columns) => ({
        columns,
        first: toRawRecord(first, columns),
      }));
    }
    const summary = stream.summary();
    if (summary.isErr()) return err(summary.error);
    return resolveColumns(summary.value.columns, { file }).map((columns) => ({ columns, first: undefined }));
  });
}
