import { pinoLogger } from "@spine/core/pino";
import { pino } from "pino";
import { expect, test } from "vitest";

test("a pino logger writes message and fields, and children add theirs", () => {
  const lines: Record<string, unknown>[] = [];
  const log = pinoLogger(
    pino({ level: "debug", base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) }),
  );
  log.debug("one");
  log.info("two", { rows: 3 });
  const child = log.child({ runId: "run_1" });
  child.warn("three");
  child.child({ step: "fetch" }).error("four", { code: "X" });
  expect(lines).toEqual([
    { level: 20, msg: "one" },
    { level: 30, msg: "two", rows: 3 },
    { level: 40, msg: "three", runId: "run_1" },
    { level: 50, msg: "four", runId: "run_1", step: "fetch", code: "X" },
  ]);
});
