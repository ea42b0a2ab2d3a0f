import { err, ok, type Result } from "@spine/core";
import type { ReadProblem } from "../text/read-problem.ts";
import { delimiterText } from "./dialect.ts";
import { RecordSplitter } from "./record-splitter.ts";

export interface SniffOptions {
  readonly quote: string | false;
  readonly comment: string | undefined;
  /** What the name of the file promises. */
  readonly expected: string | undefined;
  /** Whether the sample is all there is; else its last record is cut and does not count. */
  readonly isWhole: boolean;
}

/** How a text reads with one delimiter. */
interface Survey {
  readonly delimiter: string;
  /** Fields of the first record. */
  readonly width: number;
  /** Share of the records with that many fields. */
  readonly agreement: number;
  /** Whether the delimiter occurs at all. */
  readonly occurs: boolean;
}

const candidates = [",", "|", "\t", ";"] as const;

/** Less agreement than this is no table. */
const leastAgreement = 0.5;

/**
 * Finds the delimiter of a text: the one that divides the first record and with which most records have as many fields as
 * that one. The name of the file decides only between equals and where none does so well. A text in which no candidate occurs
 * has one column. Fails with `DELIMITER_AMBIGUOUS`.
 */
export function sniffDelimiter(sample: string, options: SniffOptions): Result<string, ReadProblem> {
  const { expected } = options;
  const surveys = candidates.map((delimiter) => surveyDelimiter(sample, delimiter, options));
  const fitting = surveys.filter(({ width, agreement }) => width > 1 && agreement > leastAgreement);
  const best = Math.max(...fitting.map(({ agreement }) => agreement));
  const winners = fitting.filter(({ agreement }) => agreement === best).map(({ delimiter }) => delimiter);
  const [winner] = winners;
  if (winner !== undefined && winners.length === 1) return ok(winner);
  if (!surveys.some(({ occurs }) => occurs)) return ok(expected ?? ",");
  if (expected !== undefined && (winners.length === 0 || winners.includes(expected))) return ok(expected);
  return err(ambiguous(winners));
}

function surveyDelimiter(sample: string, delimiter: string, options: SniffOptions): Survey {
  let width = 0;
  let records = 0;
  let agreeing = 0;
  let occurs = false;
  const splitter = new RecordSplitter(
    {
      delimiter,
      quote: options.quote,
      comment: options.comment,
      maxRecordBytes: sample.length,
      measure: (text) => text.length,
    },
    (record) => {
      records += 1;
      if (records === 1) width = record.fieldCount;
      if (record.fieldCount === width && !record.malformed) agreeing += 1;
      occurs ||= record.fieldCount > 1;
      return true;
    },
  );
  splitter.push(sample);
  if (options.isWhole || records === 0) splitter.finish();
  if (splitter.failure !== undefined) records += 1;
  return { delimiter, width, agreement: records === 0 ? 0 : agreeing / records, occurs };
}

function ambiguous(winners: readonly string[]): ReadProblem {
  const texts = winners.map(delimiterText);
  const what =
    texts.length === 0
      ? "no delimiter divides its lines into equal numbers of fields"
      : `${texts.join(" and ")} divide its lines equally well`;
  return { code: "DELIMITER_AMBIGUOUS", what, remedy: 'Pass the delimiter, such as delimiter: "|".' };
}
