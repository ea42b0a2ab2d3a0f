import { ConfigError, type Json, type JsonObject, toSpineError } from "@spine/core";
import { BatchBuilder } from "../batch-builder.ts";
import { encodingName } from "../text/encoding.ts";
import { LineSplitter } from "../text/line-splitter.ts";
import type { ReadProblem } from "../text/read-problem.ts";
import { TextInput } from "../text/text-input.ts";
import { createJsonParser } from "./json-parser.ts";
import type { BatchesUntilProblem, ReadFindings, RowReader, RowReaderOptions, SequentialFormat } from "./row-format.ts";

export interface JsonRowOptions {
  /**
   * Fields whose numbers are delivered as the text they have in the source: a JavaScript number holds integers of 15 digits
   * exactly, and no decimal. @defaultValue none
   */
  readonly exact?: readonly string[];
  /** `error` ends the reading at a record that is no JSON object; `reject` keeps it as a reject. @defaultValue "error" */
  readonly invalid?: "error" | "reject";
  /** @defaultValue strict UTF-8; a byte order mark wins */
  readonly encoding?: string;
  /** Rows in a batch, at most. @defaultValue 1,000 */
  readonly batchSize?: number;
  /** Longest record. @defaultValue 1,048,576 */
  readonly maxRecordBytes?: number;
}

/** {@link JsonRowOptions} with their defaults. */
export interface JsonRowSettings {
  readonly exact: readonly string[];
  readonly invalid: "error" | "reject";
  readonly encoding: string | undefined;
  readonly batchSize: number;
  readonly maxRecordBytes: number;
}

/** One JSON object a line. Lines without a character are skipped. Throws on options that cannot be meant (`CONFIG_INVALID`). */
export function ndjson(options: JsonRowOptions = {}): SequentialFormat<JsonObject> {
  const settings = resolveJsonOptions("ndjson", options);
  return Object.freeze({
    kind: "ndjson",
    options: describeJsonOptions(settings),
    open: (reading: RowReaderOptions) => new NdjsonReader(settings, reading),
  });
}

export function resolveJsonOptions(format: string, options: JsonRowOptions): JsonRowSettings {
  const { exact = [], invalid = "error", encoding, batchSize = 1000, maxRecordBytes = 1024 * 1024 } = options;
  const refuse = (why: string, cause?: unknown): never => {
    throw new ConfigError(`${format}: ${why}. Correct the option.`, { cause });
  };
  if (invalid !== "error" && invalid !== "reject")
    refuse(`invalid is ${JSON.stringify(invalid)}, not "error" or "reject"`);
  for (const [name, value] of Object.entries({ batchSize, maxRecordBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) refuse(`${name} is ${value}, not a whole number from 1 on`);
  }
  try {
    if (encoding !== undefined) encodingName(encoding);
  } catch (thrown) {
    refuse(`encoding "${String(encoding)}" is not one that Node knows, such as "windows-1252"`, thrown);
  }
  return Object.freeze({ exact: Object.freeze([...exact]), invalid, encoding, batchSize, maxRecordBytes });
}

export function describeJsonOptions({ encoding, ...rest }: JsonRowSettings): JsonObject {
  return Object.freeze(encoding === undefined ? rest : { ...rest, encoding });
}

class NdjsonReader implements RowReader<JsonObject> {
  readonly #settings: JsonRowSettings;
  readonly #locator: string;
  readonly #input: TextInput;
  readonly #lines: LineSplitter;
  readonly #batches: BatchBuilder<JsonObject>;
  readonly #parse: (text: string) => Json;
  #opened = false;

  constructor(settings: JsonRowSettings, { locator }: RowReaderOptions) {
    this.#settings = settings;
    this.#locator = locator;
    this.#input = new TextInput(settings.encoding);
    this.#batches = new BatchBuilder(settings.batchSize);
    this.#parse = createJsonParser(settings.exact);
    this.#lines = new LineSplitter(settings.maxRecordBytes, (line, lineNumber) => this.#take(line, lineNumber));
  }

  get findings(): ReadFindings | undefined {
    return this.#opened ? { encoding: this.#input.encoding, warnings: this.#input.warnings } : undefined;
  }

  *push(bytes: Uint8Array): BatchesUntilProblem<JsonObject> {
    for (const piece of this.#input.push(bytes)) {
      this.#opened = true;
      const problem = piece.isErr() ? this.#undecodable(piece.error) : this.#lines.push(piece.value);
      if (problem !== undefined) {
        yield* this.#batches.takeAll();
        return problem;
      }
      yield* this.#batches.takeFull();
    }
    return undefined;
  }

  *finish(): BatchesUntilProblem<JsonObject> {
    let problem: ReadProblem | undefined;
    for (const piece of this.#input.finish()) {
      this.#opened = true;
      problem = piece.isErr() ? this.#undecodable(piece.error) : this.#lines.push(piece.value);
      if (problem !== undefined) break;
    }
    problem ??= this.#lines.finish();
    yield* this.#batches.takeAll();
    return problem;
  }

  #take(line: string, lineNumber: number): ReadProblem | undefined {
    if (line === "") return undefined;
    let why: string;
    try {
      const value = this.#parse(line);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        this.#batches.add(value as JsonObject, lineNumber, line.length);
        return undefined;
      }
      why = `it is ${jsonKind(value)}, not an object`;
    } catch (thrown) {
      if (line.trim() === "") return undefined;
      why = toSpineError(thrown).message;
    }
    if (this.#settings.invalid === "reject") {
      this.#batches.reject(
        {
          reasonCode: "JSON_INVALID",
          reasonDetail: why,
          record: line,
          sourceLocator: this.#locator,
          lineNumber,
        },
        line.length,
      );
      return undefined;
    }
    return {
      code: "PARSE_ERROR",
      what: `line ${lineNumber} is not a JSON object: ${why}`,
      remedy: 'Correct the line, or pass invalid: "reject" to go on without it.',
      line: lineNumber,
    };
  }

  #undecodable(problem: ReadProblem): ReadProblem {
    const line = this.#lines.lineNumber + 1;
    return { ...problem, what: `on line ${line}, ${problem.what}`, line };
  }
}

/** What a JSON value is, for people. */
export function jsonKind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
