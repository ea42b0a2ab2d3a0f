import { type ErrorCode, ParseError } from "@spine/core";

/** Why bytes could not be read as rows, told without knowing whose bytes they are. */
export interface ReadProblem {
  readonly code: ErrorCode;
  /** Goes on after `Could not read x: `, without a full stop. */
  readonly what: string;
  /** One sentence. */
  readonly remedy: string;
  /** 1-based, header included. */
  readonly line?: number | undefined;
  /** From the first byte of the source, byte order mark included; for a record, where it begins. */
  readonly byteOffset?: number | undefined;
}

export interface ProblemSubject {
  readonly sourceName: string;
  readonly sourceType: string;
  readonly locator: string;
}

export function problemError(problem: ReadProblem, subject: ProblemSubject): ParseError {
  const { code, what, remedy, line, byteOffset } = problem;
  return new ParseError(`Could not read ${subject.locator}: ${what}. ${remedy}`, {
    code,
    context: {
      ...subject,
      remedy,
      ...(line === undefined ? {} : { line }),
      ...(byteOffset === undefined ? {} : { byteOffset }),
    },
  });
}
