import type { ReadProblem } from "./read-problem.ts";

/** Takes a line without its end; a problem ends the splitting. */
export type LineHandler = (line: string, lineNumber: number) => ReadProblem | undefined;

/** Cuts text into lines at LF and CRLF. The text comes in any pieces; how it is cut changes nothing. */
export class LineSplitter {
  readonly #handle: LineHandler;
  readonly #maxLength: number;
  #rest = "";
  #lineNumber = 0;

  /** @param maxLength characters a line may have */
  constructor(maxLength: number, handle: LineHandler) {
    this.#maxLength = maxLength;
    this.#handle = handle;
  }

  /** Lines handed out so far. */
  get lineNumber(): number {
    return this.#lineNumber;
  }

  push(text: string): ReadProblem | undefined {
    let end = text.indexOf("\n");
    if (end < 0) {
      this.#rest += text;
      return this.#rest.length > this.#maxLength + 1 ? this.#tooLong() : undefined;
    }
    let start = 0;
    if (this.#rest !== "") {
      const problem = this.#take(this.#rest + text.slice(0, end));
      if (problem !== undefined) return problem;
      this.#rest = "";
      start = end + 1;
      end = text.indexOf("\n", start);
    }
    while (end >= 0) {
      const problem = this.#take(text.slice(start, end));
      if (problem !== undefined) return problem;
      start = end + 1;
      end = text.indexOf("\n", start);
    }
    this.#rest = text.slice(start);
    return this.#rest.length > this.#maxLength + 1 ? this.#tooLong() : undefined;
  }

  finish(): ReadProblem | undefined {
    return this.#rest === "" ? undefined : this.#take(this.#rest);
  }

  #take(raw: string): ReadProblem | undefined {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line.length > this.#maxLength) return this.#tooLong();
    this.#lineNumber += 1;
    return this.#handle(line, this.#lineNumber);
  }

  #tooLong(): ReadProblem {
    const line = this.#lineNumber + 1;
    return {
      code: "RECORD_TOO_LONG",
      what: `line ${line} is longer than ${this.#maxLength} characters`,
      remedy: "Correct the line, or raise maxRecordBytes if it is meant.",
      line,
    };
  }
}
