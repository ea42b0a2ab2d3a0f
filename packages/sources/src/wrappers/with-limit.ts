import { ConfigError, ok, systemClock } from "@spine/core";
import { RowLines } from "../content/row-lines.ts";
import type { Source, SourceBatch } from "../source.ts";
import { wrapSource } from "./wrap-source.ts";

/**
 * At most so many rows, and nothing read behind them: for a look, for a test. What is left out is no part of the content any more: when the
 * limit was reached, hash and size are those of the rows delivered, as NDJSON, and there is a warning `ROWS_LIMITED`. Throws on a number
 * that cannot be meant (`CONFIG_INVALID`).
 */
export function withLimit<Row>(source: Source<Row>, maxRows: number): Source<Row> {
  if (!(maxRows >= 1)) throw new ConfigError(`A limit of ${maxRows} rows cannot be kept. Pass 1 or more.`);
  return wrapSource(source, {
    async *read(options) {
      const { clock = systemClock, previous: _previous, ...others } = options;
      const startedMs = clock.monotonicMs();
      const stream = source.stream({ clock, ...others });
      const lines = new RowLines();
      let rowCount = 0;
      let rejectedCount = 0;
      for await (const item of stream) {
        if (item.isErr()) return item.map((batch) => batch as never);
        const batch = firstRows(item.value, maxRows - rowCount);
        lines.add(batch.rows);
        rowCount += batch.rows.length;
        rejectedCount += batch.rejects.length;
        yield batch;
        if (rowCount >= maxRows) break;
      }
      const whole = stream.summary();
      if (whole.isOk() && whole.value.rowCount === rowCount) return whole;
      const { type, name, domain: _domain } = source;
      const message = `Only the first ${maxRows} rows were read.`;
      return ok(
        Object.freeze({
          sourceName: name,
          sourceType: type,
          locator: source.describe().locator ?? name,
          contentHash: lines.digest(),
          sizeBytes: lines.sizeBytes,
          rowCount,
          rejectedCount,
          modifiedAt: undefined,
          publishedAt: undefined,
          format: "rows",
          compression: undefined,
          encoding: undefined,
          dialect: undefined,
          columns: [],
          trailer: [],
          durationMs: clock.monotonicMs() - startedMs,
          unchanged: false,
          warnings: [{ code: "ROWS_LIMITED", message }],
          parts: [],
        }),
      );
    },
  });
}

function firstRows<Row>(batch: SourceBatch<Row>, count: number): SourceBatch<Row> {
  if (batch.rows.length <= count) return batch;
  const lastLine = batch.lineNumbers[count - 1] ?? 0;
  return {
    rows: batch.rows.slice(0, count),
    lineNumbers: batch.lineNumbers.slice(0, count),
    rejects: batch.rejects.filter(({ lineNumber }) => lineNumber <= lastLine),
  };
}
