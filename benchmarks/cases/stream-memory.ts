import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchCase } from "../bench.ts";
import { writeWeeklyFile } from "../weekly-file.ts";

const mebibyte = 1024 * 1024;

/** What streaming a file adds to an idle process at its highest: the same for any size of file. */
export const streamMemory: BenchCase = {
  name: "stream-memory",
  async open(scale) {
    const folder = mkdtempSync(join(tmpdir(), "spine-bench-memory-"));
    const megabytes = scale === "full" ? [100, 1000] : [10, 100];
    const benches = [];
    for (const size of megabytes) {
      const path = join(folder, `weekly-${size}.psv`);
      const { rows } = await writeWeeklyFile(path, { bytes: size * 1e6 });
      benches.push({
        name: `stream-memory-${size}mb`,
        unit: "MiB",
        goal: 64,
        rounds: 3,
        measured: () => peakOverIdle(path, rows),
      });
    }
    return { benches, close: () => rm(folder, { recursive: true }) };
  },
};

async function peakOverIdle(path: string, rows: number): Promise<number> {
  const child = fork(join(import.meta.dirname, "..", "stream-child.ts"), [path], {
    execArgv: process.execArgv.filter((option) => option !== "--expose-gc"),
  });
  const [[report], [code]] = await Promise.all([once(child, "message"), once(child, "exit")]);
  const { idleBytes, peakBytes, rows: read } = report as { idleBytes: number; peakBytes: number; rows: number };
  if (code !== 0 || read !== rows) throw new Error(`the child ended with ${String(code)} and read ${read} of ${rows}`);
  return (peakBytes - idleBytes) / mebibyte;
}
