import { spawnSync } from "node:child_process";
import { memory, type StoreProvider } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { createGate } from "./support/gate.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openProcess } from "./support/processes.ts";
import { flow } from "./support/run-steps.ts";

const runId = "run_a_000001";

/** Two processes with the same definitions; the first one is at work in step `hold` until the gate opens. */
async function holding(store: StoreProvider, minutes: number) {
  const gate = createGate();
  const begun: string[] = [];
  const hold = stub("prices.hold", async ({ run }) => {
    begun.push(`hold ${run.attempt}`);
    if (run.attempt === 1) await gate.opened;
    return { attempt: run.attempt };
  });
  const steps = [
    Step.lambda("a", () => void begun.push("a")),
    Step.pipeline("hold", keyOf(hold)),
    Step.lambda("c", () => void begun.push("c")),
  ];
  const given = { workflows: [flow(steps)], pipelines: [hold] };
  const first = await openProcess(store, given);
  const second = await openProcess(store, { ...given, name: "b", minutes });
  const running = first.spine.workflows.run("test.flow");
  await first.clock.advance(0);
  return { first, second, running, gate, begun };
}

describe("a run whose owner lives", () => {
  it("is RUN_OWNED for everybody else, and the text says by whom and until when", async () => {
    const { second, running, gate } = await holding(memory(), 0);
    const error = await expectErr(second.spine.resume(runId), "RUN_OWNED");
    expect(error.retryable).toBe(true);
    expect(error.message).toBe(
      `Process ${process.pid} (lease until 2025-12-20T00:01:00.000Z) is working on run ${runId}. Wait for it, or for its lease to run out.`,
    );
    gate.open();
    expect(await expectOk(running)).toMatchObject({ status: "COMPLETED" });
  });

  it("is RUN_OWNED for its owner too, and not abandoned", async () => {
    const { first, second, gate, running } = await holding(memory(), 0);
    await expectErr(first.spine.resume(runId), "RUN_OWNED");
    expect(await expectOk(second.spine.abandoned())).toEqual([]);
    expect(await expectOk(second.spine.recover())).toEqual([]);
    gate.open();
    await expectOk(running);
  });

  it("stays owned for as long as the heartbeat goes on", async () => {
    const { first, second, gate, running } = await holding(memory(), 0);
    await first.clock.advance(3_600_000);
    await second.clock.advance(3_600_000);
    await expectErr(second.spine.resume(runId), "RUN_OWNED");
    gate.open();
    await expectOk(running);
  });

  it("is free once its owner has closed", async () => {
    const { first, second } = await holding(memory(), 0);
    await expectOk(first.spine.close());
    expect(await expectOk(second.spine.resume(runId))).toMatchObject({ status: "COMPLETED" });
  });
});

describe("a run whose owner is gone", () => {
  it("by its lease is abandoned, and whoever takes it over goes on", async () => {
    const { second, begun } = await holding(memory(), 2);
    expect(await expectOk(second.spine.abandoned())).toMatchObject([{ runId, status: "RUNNING" }]);
    const run = await expectOk(second.spine.resume(runId));
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { hold: { attempt: 2 } } });
    expect(begun).toEqual(["a", "hold 1", "hold 2", "c"]);
    expect(await expectOk(second.spine.abandoned())).toEqual([]);
  });

  it("is not gone before its lease has run out", async () => {
    const { second } = await holding(memory(), 0);
    await second.clock.advance(59_999);
    await expectErr(second.spine.resume(runId), "RUN_OWNED");
    await second.clock.advance(1);
    await expectOk(second.spine.resume(runId));
  });

  it("as a process of this machine is free at once, whatever its lease says", async () => {
    const store = memory();
    const { first, second } = await holding(store, 0);
    const [owner] = await expectOk(first.spine.store.owners.list());
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await expectOk(
      first.spine.store.owners.beat({ owner: owner?.owner ?? "", place: owner?.place ?? "", pid, leaseMs: 600_000 }),
    );
    expect(await expectOk(second.spine.abandoned())).toMatchObject([{ runId }]);
    expect(await expectOk(second.spine.resume(runId))).toMatchObject({ status: "COMPLETED" });
  });

  it("as a process of another machine is not free, though no such process is here", async () => {
    const { first, second } = await holding(memory(), 0);
    const [owner] = await expectOk(first.spine.store.owners.list());
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await expectOk(
      first.spine.store.owners.beat({ owner: owner?.owner ?? "", place: "elsewhere", pid, leaseMs: 600_000 }),
    );
    await expectErr(second.spine.resume(runId), "RUN_OWNED");
  });
});

describe("an owner that comes back after it was taken over", () => {
  it("stops with RUN_FENCED, and nothing of what it did after that is recorded", async () => {
    const { first, second, running, gate, begun } = await holding(memory(), 2);
    await expectOk(second.spine.resume(runId));
    gate.open();
    await first.clock.advance(0);
    const error = await expectErr(running, "RUN_FENCED");
    expect(error.message).toBe(`Run ${runId} belongs to another process now, so this one stopped working on it.`);
    expect(begun).toEqual(["a", "hold 1", "hold 2", "c"]);
    expect(await expectOk(second.spine.store.history.get({ runId }))).toMatchObject({ status: "COMPLETED" });
    const steps = await expectOk(second.spine.store.history.steps({ runId }));
    expect(steps[1]).toMatchObject({ step: "hold", attempt: 2, output: { attempt: 2 } });
  });

  it("cannot commit either: its captures are FAILED and nothing it wrote is visible", async () => {
    const gate = createGate();
    const slot = { domain: "prices", partition: "2025-W46", stage: "INGEST", tier: "BRONZE" };
    const codes: string[] = [];
    const ingest = stub("prices.ingest", async ({ capture, commit, run }) => {
      const running = await expectOk(capture.begin(slot));
      if (run.attempt === 1) await gate.opened;
      running.complete({ rowCount: run.attempt });
      const ended = await commit(() => ({ attempt: run.attempt }));
      if (ended.isErr()) codes.push(ended.error.code);
      return ended;
    });
    const given = { workflows: [flow([Step.pipeline("ingest", keyOf(ingest))])], pipelines: [ingest] };
    const store = memory();
    const first = await openProcess(store, given);
    const second = await openProcess(store, { ...given, name: "b", minutes: 2 });
    const running = first.spine.workflows.run("test.flow");
    await first.clock.advance(0);
    expect(await expectOk(second.spine.resume(runId))).toMatchObject({
      status: "COMPLETED",
      outputs: { ingest: { attempt: 2 } },
    });
    gate.open();
    await first.clock.advance(0);
    await expectErr(running, "RUN_FENCED");
    expect(codes).toHaveLength(1);
    const captures = await expectOk(second.spine.store.captures.list({}));
    expect(captures.map(({ status, rowCount }) => [status, rowCount])).toEqual([
      ["COMPLETE", 2],
      ["FAILED", undefined],
    ]);
  });
});
