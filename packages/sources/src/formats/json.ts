import { type Json, type JsonObject, toSpineError } from "@spine/core";
import { BatchBuilder } from "../batch-builder.ts";
import type { ReadProblem } from "../text/read-problem.ts";
import { TextInput } from "../text/text-input.ts";
import { ArrayScanner, rowFields } from "./array-scanner.ts";
import { createJsonParser } from "./json-parser.ts";
import {
  describeJsonOptions,
  jsonKind,
  type JsonRowOptions,
  type JsonRowSettings,
  resolveJsonOptions,
} from "./ndjson.ts";
import type { BatchesUntilProblem, ReadFindings, RowReader, RowReaderOptions, SequentialFormat } from "./row-format.ts";

export interface JsonOptions extends JsonRowOptions {
  /**
   * Fields from the top of the document to the array of rows, joined by `.`: `result.trades`. @defaultValue the document when it is an
   * array, else its first field named data, items, results, records or rows that is one, else the document is the only row
   */
  readonly path?: string;
}

/**
 * A JSON document with an array of objects somewhere in it. However long the array is, one element is held at a time. Throws on
 * options that cannot be meant (`CONFIG_INVALID`).
 */
export function json(options: JsonOptions = {}): SequentialFormat<JsonObject> {
  const settings = resolveJsonOptions("json", options);
  const { path } = options;
  return Object.freeze({
    kind: "json",
    options: Object.freeze({ ...describeJsonOptions(settings), ...(path === undefined ? {} : { path }) }),
    open: (reading: RowReaderOptions) => new JsonReader(settings, path, reading),
  });
}

class JsonReader implements RowReader<JsonObject> {
  readonly #settings: JsonRowSettings;
  readonly #path: string | undefined;
  readonly #locator: string;
  readonly #input: TextInput;
  readonly #scanner: ArrayScanner;
  readonly #batches: BatchBuilder<JsonObject>;
  readonly #parse: (text: string) => Json;
  #count = 0;
  #problem: ReadProblem | undefined;
  #envelope: Json | undefined;

  constructor(settings: JsonRowSettings, path: string | undefined, { locator }: RowReaderOptions) {
    this.#settings = settings;
    this.#path = path;
    this.#locator = locator;
    this.#input = new TextInput(settings.encoding);
    this.#batches = new BatchBuilder(settings.batchSize);
    this.#parse = createJsonParser(settings.exact);
    this.#scanner = new ArrayScanner({
      path: path?.split("."),
      maxLength: settings.maxRecordBytes,
      handle: (text, isLast) => this.#take(text, isLast),
    });
  }

  get findings(): ReadFindings {
    return { encoding: this.#input.encoding, warnings: this.#input.warnings, envelope: this.#envelope };
  }

  *push(bytes: Uint8Array): BatchesUntilProblem<JsonObject> {
    for (const piece of this.#input.push(bytes)) {
      const problem = piece.isErr() ? piece.error : this.#scan(piece.value);
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
      problem = piece.isErr() ? piece.error : this.#scan(piece.value);
      if (problem !== undefined) break;
    }
    problem ??= this.#end();
    yield* this.#batches.takeAll();
    return problem;
  }

  #scan(text: string): ReadProblem | undefined {
    if (this.#scanner.push(text)) return undefined;
    if (!this.#scanner.isTooLong) return this.#problem;
    const { maxRecordBytes } = this.#settings;
    const what = this.#scanner.isInside
      ? `element ${this.#count + 1} is longer than ${maxRecordBytes} characters`
      : `what is around its rows is longer than ${maxRecordBytes} characters`;
    return { code: "RECORD_TOO_LONG", what, remedy: "Pass path if the rows are elsewhere, or raise maxRecordBytes." };
  }

  #take(text: string, isLast: boolean): boolean {
    let value: Json;
    try {
      value = this.#parse(text);
    } catch (thrown) {
      if (isLast && this.#count === 0 && text.trim() === "") return true;
      const why = text.trim() === "" ? "there is nothing between two commas" : toSpineError(thrown).message;
      this.#problem = notJson(`element ${this.#count + 1} of its rows is not JSON: ${why}`);
      return false;
    }
    this.#count += 1;
    return this.#addRow(value, text);
  }

  #addRow(value: Json, text: string): boolean {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      this.#batches.add(value as JsonObject, this.#count, text.length);
      return true;
    }
    const reasonDetail = `it is ${jsonKind(value)}, not an object`;
    if (this.#settings.invalid === "error") {
      this.#problem = {
        code: "PARSE_ERROR",
        what: `element ${this.#count} of its rows is no row: ${reasonDetail}`,
        remedy: 'Correct it, or pass invalid: "reject" to go on without it.',
      };
      return false;
    }
    this.#batches.reject(
      {
        reasonCode: "JSON_INVALID",
        reasonDetail,
        record: value,
        sourceLocator: this.#locator,
        lineNumber: this.#count,
      },
      text.length,
    );
    return true;
  }

  #end(): ReadProblem | undefined {
    const { outline, isInside, found } = this.#scanner;
    if (isInside) return notJson(`it ends inside its array of rows, behind element ${this.#count}`);
    if (outline.trim() === "") return notJson("it is empty");
    try {
      this.#envelope = this.#parse(outline);
    } catch (thrown) {
      return notJson(`it is not JSON: ${toSpineError(thrown).message}`);
    }
    if (found) return undefined;
    if (this.#path !== undefined) return this.#noArray(this.#path);
    this.#count = 1;
    return this.#addRow(this.#envelope, outline) ? undefined : this.#problem;
  }

  #noArray(path: string): ReadProblem {
    const envelope = this.#envelope;
    const fields =
      typeof envelope === "object" && envelope !== null && !Array.isArray(envelope) ? Object.keys(envelope) : [];
    const has =
      fields.length === 0 ? `it is ${jsonKind(envelope)}` : `its fields are ${fields.slice(0, 12).join(", ")}`;
    return {
      code: "PARSE_ERROR",
      what: `there is no array at "${path}": ${has}`,
      remedy: `Correct path. Without it, an array at the top or in ${rowFields.join(", ")} is found.`,
    };
  }
}

function notJson(what: string): ReadProblem {
  return { code: "PARSE_ERROR", what, remedy: "Have it written again, or pass the format it has." };
}
