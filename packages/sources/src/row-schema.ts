import { checkSchema, type Json, type Schema, type SchemaVerdict } from "@spine/core";
import type { SourceBatch, SourceReject } from "./source.ts";

/**
 * Runs a schema over the rows of a batch: rows become what the schema makes of them, rows it refuses become rejects
 * (`SCHEMA_MISMATCH`) with all their reasons. Asynchronous schemas run side by side within a batch.
 */
export async function applyRowSchema<Row>(
  batch: SourceBatch<unknown>,
  schema: Schema<unknown, Row>,
  locator: string,
): Promise<SourceBatch<Row>> {
  const pending = batch.rows.map((row) => checkSchema(schema, row));
  const verdicts = await settled(pending);
  const rows: Row[] = [];
  const lineNumbers: number[] = [];
  const refused: SourceReject[] = [];
  for (const [index, verdict] of verdicts.entries()) {
    const lineNumber = batch.lineNumbers[index] ?? 0;
    if (verdict.valid) {
      rows.push(verdict.value);
      lineNumbers.push(lineNumber);
      continue;
    }
    refused.push({
      reasonCode: "SCHEMA_MISMATCH",
      reasonDetail: verdict.issues
        .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
        .join("; "),
      record: toJson(batch.rows[index]),
      sourceLocator: locator,
      lineNumber,
    });
  }
  if (refused.length === 0) return { rows, lineNumbers, rejects: batch.rejects };
  const rejects = [...batch.rejects, ...refused].toSorted((a, b) => a.lineNumber - b.lineNumber);
  return { rows, lineNumbers, rejects };
}

/** What a row that is no JSON shows of itself: integers beyond a number's reach as text, bytes in hexadecimal. */
function toJson(row: unknown): Json {
  const text = JSON.stringify(row, (_key, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
  }) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as Json);
}

/** Without a wait when no schema is asynchronous, which is nearly always. */
function settled<T>(
  verdicts: readonly (SchemaVerdict<T> | Promise<SchemaVerdict<T>>)[],
): readonly SchemaVerdict<T>[] | Promise<readonly SchemaVerdict<T>[]> {
  const isSettled = (verdict: SchemaVerdict<T> | Promise<SchemaVerdict<T>>): verdict is SchemaVerdict<T> =>
    !(verdict instanceof Promise);
  return verdicts.every(isSettled) ? verdicts : Promise.all(verdicts.map(async (verdict) => verdict));
}
