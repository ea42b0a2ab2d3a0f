import { ConfigError } from "@spine/core";
import { BatchBuilder } from "../batch-builder.ts";
import { type RaggedPolicy, whyNotNames } from "../delimited/dialect.ts";
import { createRowFactory, type TextRow } from "../delimited/row-factory.ts";
import { countText } from "../delimited/table-problems.ts";
import { LineSplitter } from "../text/line-splitter.ts";
import type { ReadProblem } from "../text/read-problem.ts";
import { TextInput } from "../text/text-input.ts";
import { resolveJsonOptions } from "./ndjson.ts";
import type { BatchesUntilProblem, ReadFindings, RowReader, RowReaderOptions, SequentialFormat } from "./row-format.ts";

export interface FixedWidthField<Column extends string = string> {
  readonly name: Column;
  /** Characters it takes. */
  readonly width: number;
  /** Where it begins, from 1 as record layouts count. @defaultValue behind the field before */
  readonly start?: number;
  /** Spaces to take off. @defaultValue "both" */
  readonly trim?: "both" | "start" | "end" | "none";
}

export interface FixedWidthOptions<Column extends string = string> {
  /** May leave gaps; may not overlap. */
  readonly fields: readonly FixedWidthField<Column>[];
  /** Lines before the first record. @defaultValue 0 */
  readonly skipLines?: number;
  /**
   * What to do with a line that ends inside a field: `error`, `reject`, or `pad`, which takes what is there, as editors cut spaces off.
   * Longer lines are refused by all three unless only spaces follow. @defaultValue "error"
   */
  readonly ragged?: RaggedPolicy;
  /** Lines that begin with it are skipped. @defaultValue none */
  readonly comment?: string;
  /** Lines that begin with it, or that it matches, stand behind the last record. @defaultValue none */
  readonly trailer?: string | RegExp;
  readonly encoding?: string;
  readonly batchSize?: number;
  readonly maxRecordBytes?: number;
}

const maxTrailerLines = 16;

/** Lines whose fields have fixed places. Fields stay text. Throws on options that cannot be meant (`CONFIG_INVALID`). */
export function fixedWidth<const Column extends string>(
  options: FixedWidthOptions<Column>,
): SequentialFormat<TextRow<Column>> {
  const { encoding, batchSize, maxRecordBytes } = resolveJsonOptions("fixedWidth", {
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    ...(options.batchSize === undefined ? {} : { batchSize: options.batchSize }),
    ...(options.maxRecordBytes === undefined ? {} : { maxRecordBytes: options.maxRecordBytes }),
  });
  const { skipLines = 0, ragged = "error", comment, trailer } = options;
  if (comment === "" || trailer === "") throw invalid("comment and trailer may not be empty");
  if (!Number.isSafeInteger(skipLines) || skipLines < 0) throw invalid(`skipLines is ${skipLines}`);
  if (!["error", "reject", "pad"].includes(ragged)) throw invalid(`ragged is ${JSON.stringify(ragged)}`);
  const settings: FixedWidthSettings = {
    places: placesOf(options.fields),
    skipLines,
    ragged,
    comment,
    trailer: trailer instanceof RegExp ? new RegExp(trailer, trailer.flags.replaceAll(/[gy]/g, "")) : trailer,
    encoding,
    batchSize,
    maxRecordBytes,
  };
  const fields = settings.places.map(({ name, start, end }) => `${name} ${start + 1}-${end}`);
  return Object.freeze({
    kind: "fixed-width",
    options: Object.freeze({ fields: Object.freeze(fields), skipLines, ragged, batchSize }),
    // The rows have exactly the names of the fields.
    open: (reading: RowReaderOptions) => new FixedWidthReader(settings, reading) as RowReader<TextRow<Column>>,
  });
}

interface Place {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly trim: "both" | "start" | "end" | "none";
}

interface FixedWidthSettings {
  readonly places: readonly Place[];
  readonly skipLines: number;
  readonly ragged: RaggedPolicy;
  readonly comment: string | undefined;
  readonly trailer: string | RegExp | undefined;
  readonly encoding: string | undefined;
  readonly batchSize: number;
  readonly maxRecordBytes: number;
}

function placesOf(fields: readonly FixedWidthField[]): readonly Place[] {
  const why = whyNotNames(fields.map(({ name }) => name));
  if (why !== undefined) throw invalid(`fields: ${why}`);
  const places: Place[] = [];
  let next = 0;
  for (const { name, width, start = next + 1, trim = "both" } of fields) {
    if (!Number.isSafeInteger(width) || width < 1) throw invalid(`the width of "${name}" is ${width}`);
    if (!Number.isSafeInteger(start) || start < 1) throw invalid(`the start of "${name}" is ${start}; the first is 1`);
    if (start - 1 < next) throw invalid(`"${name}" begins at ${start}, inside the field before it`);
    next = start - 1 + width;
    places.push({ name, start: start - 1, end: next, trim });
  }
  return Object.freeze(places);
}

class FixedWidthReader implements RowReader<TextRow> {
  readonly #settings: FixedWidthSettings;
  readonly #locator: string;
  readonly #input: TextInput;
  readonly #lines: LineSplitter;
  readonly #batches: BatchBuilder<TextRow>;
  readonly #makeRow: (fields: readonly string[]) => TextRow;
  readonly #lastStart: number;
  readonly #end: number;
  readonly #trailer: string[] = [];
  #trailerLine: number | undefined;

  constructor(settings: FixedWidthSettings, { locator }: RowReaderOptions) {
    this.#settings = settings;
    this.#locator = locator;
    this.#input = new TextInput(settings.encoding);
    this.#batches = new BatchBuilder(settings.batchSize);
    this.#makeRow = createRowFactory(settings.places.map(({ name }) => name));
    this.#end = Math.max(...settings.places.map(({ end }) => end));
    this.#lastStart = Math.max(...settings.places.map(({ start }) => start));
    this.#lines = new LineSplitter(settings.maxRecordBytes, (line, lineNumber) => this.#take(line, lineNumber));
  }

  get findings(): ReadFindings {
    return {
      encoding: this.#input.encoding,
      warnings: this.#input.warnings,
      columns: this.#settings.places.map(({ name }) => name),
      trailer: Object.freeze([...this.#trailer]),
    };
  }

  *push(bytes: Uint8Array): BatchesUntilProblem<TextRow> {
    return yield* this.#drain(this.#input.push(bytes));
  }

  *finish(): BatchesUntilProblem<TextRow> {
    const problem = (yield* this.#drain(this.#input.finish())) ?? this.#lines.finish();
    yield* this.#batches.takeAll();
    return problem;
  }

  *#drain(pieces: ReturnType<TextInput["push"]>): BatchesUntilProblem<TextRow> {
    for (const piece of pieces) {
      const problem = piece.isErr() ? piece.error : this.#lines.push(piece.value);
      if (problem !== undefined) {
        yield* this.#batches.takeAll();
        return problem;
      }
      yield* this.#batches.takeFull();
    }
    return undefined;
  }

  #take(line: string, lineNumber: number): ReadProblem | undefined {
    const { skipLines, comment, places } = this.#settings;
    if (lineNumber <= skipLines || line === "") return undefined;
    if (comment !== undefined && line.startsWith(comment)) return undefined;
    if (this.#isTrailer(line, lineNumber)) return undefined;
    if (this.#trailerLine !== undefined) {
      return {
        code: "PARSE_ERROR",
        what: `line ${lineNumber} is a record behind the trailer on line ${this.#trailerLine}`,
        remedy: "Correct the file, or the option trailer.",
        line: lineNumber,
      };
    }
    const why = this.#whyNotRow(line);
    if (why !== undefined) return this.#refuse(why, line, lineNumber);
    const fields = places.map(({ start, end, trim }) => trimmers[trim](line.slice(start, end)));
    this.#batches.add(this.#makeRow(fields), lineNumber, line.length);
    return undefined;
  }

  #isTrailer(line: string, lineNumber: number): boolean {
    const { trailer } = this.#settings;
    if (trailer === undefined) return false;
    if (!(typeof trailer === "string" ? line.startsWith(trailer) : trailer.test(line))) return false;
    this.#trailerLine ??= lineNumber;
    if (this.#trailer.length < maxTrailerLines) this.#trailer.push(line);
    return true;
  }

  #whyNotRow(line: string): string | undefined {
    if (line.length === this.#end) return undefined;
    if (line.length > this.#end && line.slice(this.#end).trim() === "") return undefined;
    if (line.length < this.#end && this.#settings.ragged === "pad" && line.length > this.#lastStart) return undefined;
    return `${countText(line.length, "character")}, the fields take ${this.#end}`;
  }

  #refuse(reasonDetail: string, line: string, lineNumber: number): ReadProblem | undefined {
    if (this.#settings.ragged === "error") {
      return {
        code: "ROW_RAGGED",
        what: `line ${lineNumber} has ${reasonDetail}`,
        remedy: 'Correct the line, or pass ragged: "reject" to go on without it.',
        line: lineNumber,
      };
    }
    const reject = { reasonCode: "ROW_RAGGED", reasonDetail, record: line, sourceLocator: this.#locator, lineNumber };
    this.#batches.reject(reject, line.length);
    return undefined;
  }
}

const trimmers: Readonly<Record<Place["trim"], (text: string) => string>> = {
  both: (text) => text.trim(),
  start: (text) => text.trimStart(),
  end: (text) => text.trimEnd(),
  none: (text) => text,
};

function invalid(why: string): ConfigError {
  return new ConfigError(`Fixed-width file: ${why}. Correct the option.`);
}
