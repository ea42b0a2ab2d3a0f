import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, BenchCase } from "../bench.ts";
import { writeWeeklyFile } from "../weekly-file.ts";

const mebibyte = 1024 * 1024;

/** Node lets its young generation grow to 128 MiB under any long stream of short-lived objects, ours or not; this keeps it small. */
const smallYoung = "--max-semi-space-size=16";

/** What streaming a file adds to an idle process at its highest: the same for any size of file. */
export const streamMemory: BenchCase = {
  name: "stream-memory",
  async open(scale) {
    const folder = mkdtempSync(join(tmpdir(), "spine-bench-memory-"));
    const benches: Bench[] = [];
    for (const size of scale === "full" ? [100, 1000] : [10, 100]) {
      const path = join(folder, `weekly-${size}.psv`);
      const { rows } = await writeWeeklyFile(path, { bytes: size * 1e6 });
      const common = { unit: "MiB", goal: 64, rounds: 3 } as const;
      benches.push(
        { ...common, name: `stream-memory-${size}mb`, measured: () => peakOverIdle(path, rows, []) },
        {
          ...common,
          name: `stream-memory-${size}mb-small-young`,
          measured: () => peakOverIdle(path, rows, [smallYoung]),
        },
      );
    }
    return { benches, close: () => rm(folder, { recursive: true }) };
  },
};

async function peakOverIdle(path: string, rows: number, flags: readonly string[]): Promise<number> {
  const child = fork(join(import.meta.dirname, "..", "stream-child.ts"), [path], {
    execArgv: [...process.execArgv.filter((option) => option !== "--expose-gc"), ...flags],
  });
  const [[report], [code]] = await Promise.all([once(child, "message"), once(child, "exit")]);
  const { idleBytes, peakBytes, rows: read } = report as { idleBytes: number; peakBytes: number; rows: number };
  if (code !== 0 || read !== rows) throw new Error(`the child ended with ${String(code)} and read ${read} of ${rows}`);
  return (peakBytes - idleBytes) / mebibyte;
}
