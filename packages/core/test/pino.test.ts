import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { pinoLogger } from "../src/pino.ts";

function linesOf(write: (logger: ReturnType<typeof pinoLogger>) => void): readonly Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  write(pinoLogger(pino({ level: "debug", base: null, timestamp: false }, stream)));
  return lines;
}

describe("a pino logger as spine's", () => {
  it("writes level, message and fields", () => {
    const lines = linesOf((logger) => {
      logger.debug("a");
      logger.info("b", { rows: 3 });
      logger.warn("c");
      logger.error("d", { code: "X" });
    });
    expect(lines).toEqual([
      { level: 20, msg: "a" },
      { level: 30, msg: "b", rows: 3 },
      { level: 40, msg: "c" },
      { level: 50, msg: "d", code: "X" },
    ]);
  });

  it("adds a child's fields to each of its lines and to no other", () => {
    const lines = linesOf((logger) => {
      logger.child({ runId: "run_1" }).child({ step: "ingest" }).info("x");
      logger.info("y");
    });
    expect(lines).toEqual([
      { level: 30, msg: "x", runId: "run_1", step: "ingest" },
      { level: 30, msg: "y" },
    ]);
  });
});
