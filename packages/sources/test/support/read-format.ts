import type { ReadFindings, ReadProblem, SequentialFormat, SourceBatch, SourceReject } from "@spine/sources";

export interface FormatReading<Row> {
  readonly rows: readonly (readonly [lineNumber: number, row: Row])[];
  readonly rejects: readonly SourceReject[];
  readonly problem: ReadProblem | undefined;
  readonly findings: ReadFindings | undefined;
}

/** Reads bytes that come in the given pieces, without a file; each piece is overwritten behind the reader's back. */
export function readFormat<Row>(format: SequentialFormat<Row>, pieces: Iterable<Uint8Array>): FormatReading<Row> {
  const reader = format.open({ locator: "test", fileName: "test" });
  const batches: SourceBatch<Row>[] = [];
  const take = (steps: ReturnType<typeof reader.push>): ReadProblem | undefined => {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      batches.push(step.value);
    }
  };
  let problem: ReadProblem | undefined;
  for (const piece of pieces) {
    const buffer = Uint8Array.from(piece);
    problem = take(reader.push(buffer));
    buffer.fill(0x3f);
    if (problem !== undefined) break;
  }
  problem ??= take(reader.finish());
  return {
    rows: batches.flatMap(({ rows, lineNumbers }) => rows.map((row, at) => [lineNumbers[at] ?? 0, row] as const)),
    rejects: batches.flatMap(({ rejects }) => rejects),
    problem,
    findings: reader.findings,
  };
}

export function readFormatText<Row>(format: SequentialFormat<Row>, text: string): FormatReading<Row> {
  return readFormat(format, [Buffer.from(text)]);
}
