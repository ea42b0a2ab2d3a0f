import type { Reporter, SerializedError, TestModule } from "vitest/node";
import { type Tally, tallyLine } from "./tally.ts";

/**
 * Adds the closing line `N passed, N failed` to vitest's own report. It is written when the process ends, because
 * vitest's closing lines (coverage, slow teardown) come after a reporter's last call.
 */
export class CountReporter implements Reporter {
  #tally: Tally | undefined;

  onInit(): void {
    process.once("exit", () => this.#report());
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#tally = tallyOf(modules, unhandled.length);
  }

  #report(): void {
    const reason = process.env["SPINE_TEST_PG_SKIPPED"];
    if (reason !== undefined) process.stdout.write(`PostgreSQL: SKIPPED (${reason})\n`);
    process.stdout.write(`${tallyLine(this.#tally ?? { passed: 0, failed: 1 })}\n`);
  }
}

/** Errors outside tests count as failed ones, so that a red run never shows `0 failed`. */
function tallyOf(modules: readonly TestModule[], unhandledErrors: number): Tally {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0, pending: 0 };
  for (const module of modules) {
    const before = counts.failed;
    for (const test of module.children.allTests()) counts[test.result().state] += 1;
    // A file that could not be loaded, or a hook that failed, leaves no failed test behind.
    if (module.state() === "failed" && counts.failed === before) counts.failed += 1;
  }
  return { passed: counts.passed, failed: counts.failed, skipped: counts.skipped + counts.pending };
}
