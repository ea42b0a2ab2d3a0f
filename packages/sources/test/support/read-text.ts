import type { SourceBatch, SourceReject, TextRow } from "@spine/sources";
import { DelimitedReader } from "../../src/delimited/delimited-reader.ts";
import { type DelimitedOptions, resolveDelimitedOptions } from "../../src/delimited/dialect.ts";
import type { ReadProblem } from "../../src/text/read-problem.ts";

/** All that a reader says of some bytes. */
export interface Reading {
  readonly rows: readonly (readonly [lineNumber: number, row: TextRow])[];
  readonly rejects: readonly SourceReject[];
  readonly problem: ReadProblem | undefined;
  readonly findings: DelimitedReader["findings"];
}

/** Reads bytes that come in the given pieces, without a file. */
export function readPieces(pieces: Iterable<Uint8Array>, options: DelimitedOptions = {}): Reading {
  const format = resolveDelimitedOptions(options);
  const reader = new DelimitedReader({ ...format, locator: "test.txt", expectedDelimiter: undefined });
  const batches: SourceBatch<TextRow>[] = [];
  const problem = drain(reader, pieces, batches);
  return {
    rows: batches.flatMap((batch) => batch.rows.map((row, at) => [batch.lineNumbers[at] ?? 0, row] as const)),
    rejects: batches.flatMap((batch) => batch.rejects),
    problem,
    findings: reader.findings,
  };
}

export function readText(text: string, options: DelimitedOptions = {}): Reading {
  return readPieces([Buffer.from(text)], options);
}

/** The bytes cut at the given places. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...places.toSorted((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

function drain(
  reader: DelimitedReader,
  pieces: Iterable<Uint8Array>,
  batches: SourceBatch<TextRow>[],
): ReadProblem | undefined {
  // One buffer for all pieces, as a file has: a reader that keeps a view of it is found out.
  for (const piece of pieces) {
    const buffer = Uint8Array.from(piece);
    const problem = take(reader.push(buffer), batches);
    buffer.fill(0x3f);
    if (problem !== undefined) return problem;
  }
  return take(reader.finish(), batches);
}

function take(steps: ReturnType<DelimitedReader["push"]>, batches: SourceBatch<TextRow>[]): ReadProblem | undefined {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    batches.push(step.value);
  }
}
