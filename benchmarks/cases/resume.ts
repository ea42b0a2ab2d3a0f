import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { memory, orThrow, type StoreProvider } from "@spine/core";
import { createSpine, defineWorkflow, Step } from "@spine/orchestration";
import type { BenchCase } from "../bench.ts";

const completedSteps = 10_000;

/** What each completed step costs a resume of its run: reading its row and putting its output back. Only reported. */
export const resume: BenchCase = {
  name: "resume",
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), "spine-bench-resume-"));
    const onMemory = await failedRun(memory());
    const onSqlite = await failedRun(sqlite(join(folder, "spine.db")));
    return {
      benches: [
        { name: "resume-memory-10000", unit: "ns/step", measured: onMemory.resume },
        { name: "resume-sqlite-10000", unit: "ns/step", measured: onSqlite.resume },
      ],
      async close() {
        await Promise.all([onMemory.close(), onSqlite.close()]);
        await rm(folder, { recursive: true });
      },
    };
  },
};

interface FailedRun {
  readonly resume: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** A run that completed all but its last step, which fails again each time. */
async function failedRun(store: StoreProvider): Promise<FailedRun> {
  const workflow = defineWorkflow({
    name: "bench.resume",
    steps: [
      ...Array.from({ length: completedSteps }, (_, index) => Step.lambda(`step_${index}`, () => ({ index }))),
      Step.lambda("last", () => false),
    ],
  });
  const spine = await orThrow(createSpine({ store, workflows: [workflow] }));
  const ended = await spine.workflows.run(workflow.name);
  const { runId } = ended._unsafeUnwrap();
  return {
    resume: async () => {
      const startedMs = performance.now();
      const resumed = await spine.resume(runId);
      const tookMs = performance.now() - startedMs;
      const { status, counts } = resumed._unsafeUnwrap();
      if (status !== "FAILED" || counts.completed !== completedSteps) throw new Error(`the run is ${status}`);
      return (tookMs * 1e6) / completedSteps;
    },
    close: () => orThrow(spine.close()),
  };
}
