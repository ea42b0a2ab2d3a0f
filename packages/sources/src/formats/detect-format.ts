import { extname } from "node:path";
import type { SourceWarning } from "../source-metadata.ts";

export type DetectedFormat = "delimited" | "ndjson" | "json" | "parquet";

const byExtension: Readonly<Record<string, DetectedFormat>> = Object.freeze({
  ".csv": "delimited",
  ".psv": "delimited",
  ".tsv": "delimited",
  ".tab": "delimited",
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".parquet": "parquet",
});

const parquetMark = "PAR1";

/**
 * The format of bytes nobody has named: the mark of Parquet, else what the extension promises unless the first characters say otherwise
 * (with a warning), else what the first characters look like. What looks like no JSON is delimited.
 */
export function detectFormat(
  head: Uint8Array,
  fileName: string,
): { readonly format: DetectedFormat; readonly warning: SourceWarning | undefined } {
  const promised = byExtension[extname(fileName).toLowerCase()];
  const found = formatOf(head, promised);
  const isOther = promised !== undefined && promised !== found;
  const message = `It is ${found}, not ${String(promised)} as its name says.`;
  return { format: found, warning: isOther ? { code: "FORMAT_NOT_AS_EXTENSION", message } : undefined };
}

function formatOf(head: Uint8Array, promised: DetectedFormat | undefined): DetectedFormat {
  if (Buffer.from(head.subarray(0, 4)).toString("latin1") === parquetMark) return "parquet";
  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  if (promised === "json") return looksLikeLines(text) ? "ndjson" : "json";
  if (promised !== undefined && promised !== "parquet") return promised;
  if (looksLikeLines(text)) return "ndjson";
  return text.startsWith("[") || text.startsWith("{") ? "json" : "delimited";
}

/** Whether the first line is an object by itself and another one follows. */
function looksLikeLines(text: string): boolean {
  const end = text.indexOf("\n");
  if (!text.startsWith("{") || end < 0 || !text.slice(end).trimStart().startsWith("{")) return false;
  try {
    return typeof JSON.parse(text.slice(0, end)) === "object";
  } catch {
    // The first line of a document that spans several is not JSON by itself.
    return false;
  }
}
