import { type CaptureSlot, definePipeline, err, errAsync, memory, SpineError, type StoreProvider } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Step, WorkflowRunner } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { runPipeline } from "./support/run-pipeline.ts";
import { flow, openFlow, runFlow } from "./support/run-steps.ts";
import { attemptLines } from "./support/summaries.ts";

const slot: CaptureSlot = { domain: "prices", partition: "2025-W46", stage: "INGEST", tier: "BRONZE" };

describe("a commit", () => {
  it("keeps all of it or nothing: an error inside leaves captures FAILED and nothing visible", async () => {
    const { spine, run } = await runPipeline(async ({ capture, commit }) => {
      await expectOk(capture.begin(slot));
      const ended = await commit(async (tx) => {
        await expectOk(
          tx.anomalies.record([
            {
              anomalyId: "ano_1",
              code: "X",
              severity: "INFO",
              message: "x",
              captureId: undefined,
              domain: undefined,
              partition: undefined,
              stage: undefined,
              runId: undefined,
              step: undefined,
              context: {},
            },
          ]),
        );
        throw new SpineError("VALIDATION_FAILED", "The sums differ.");
      });
      return ended;
    });
    expect(run).toMatchObject({ status: "FAILED", error: { code: "VALIDATION_FAILED", message: "The sums differ." } });
    expect(await expectOk(spine.store.captures.list({}))).toMatchObject([
      { status: "FAILED", error: "The sums differ." },
    ]);
    expect(await expectOk(spine.store.captures.resolve(slot))).toBeUndefined();
    expect(await expectOk(spine.store.anomalies.list({}))).toEqual([]);
  });

  it("is doomed by a statement that failed inside, even when nobody looked at its Result", async () => {
    const { spine, run } = await runPipeline(({ commit }) =>
      commit(async (tx) => {
        await tx.captures.complete({ captureId: "cap_gone", rowCount: 1 });
        return { rows: 3 };
      }),
    );
    expect(run).toMatchObject({ status: "FAILED", error: { code: "TX_DOOMED", cause: { code: "CAPTURE_NOT_FOUND" } } });
    expect((await expectOk(spine.store.history.steps(run)))[0]).toMatchObject({ status: "FAILED", output: undefined });
  });

  it("lets a savepoint try things", async () => {
    const { run } = await runPipeline(({ commit }) =>
      commit(async (tx) => {
        const tried = await tx.savepoint((inner) =>
          inner.captures.complete({ captureId: "cap_gone", rowCount: 1 }).map(() => 1),
        );
        return { tried: tried.isOk() };
      }),
    );
    expect(run.outputs["ingest"]).toEqual({ tried: false });
  });

  it("refuses the store itself inside, which would wait for itself", async () => {
    const { run } = await runPipeline(({ commit, capture }) =>
      commit(async () => ({ code: (await expectErr(capture.current(slot), "TX_NESTED")).code })),
    );
    expect(run.outputs["ingest"]).toEqual({ code: "TX_NESTED" });
  });

  it("past its deadline of 30 s fails with TX_TOO_LONG", async () => {
    const slow = stub("prices.slow", ({ commit }) => commit(() => new Promise<never>(() => undefined)));
    const { spine, clock } = await openFlow([Step.pipeline("slow", keyOf(slow))], { pipelines: [slow] });
    const running = spine.workflows.run("test.flow");
    await clock.advance(30_000);
    expect(await expectOk(running)).toMatchObject({
      status: "FAILED",
      error: { code: "TX_TOO_LONG" },
      durationMs: 30_000,
    });
  });

  it("a second time is COMMIT_TWICE, after it ended and while it is under way", async () => {
    const codes: unknown[] = [];
    const { run } = await runPipeline(async ({ commit }) => {
      const [first, second] = await Promise.all([commit(() => ({ rows: 3 })), commit(() => ({ rows: 4 }))]);
      codes.push(first.isOk(), second._unsafeUnwrapErr().code);
      codes.push(
        (
          await expectErr(
            commit(() => ({ rows: 5 })),
            "COMMIT_TWICE",
          )
        ).code,
      );
    });
    expect(codes).toEqual([true, "COMMIT_TWICE", "COMMIT_TWICE"]);
    expect(run.outputs["ingest"]).toEqual({ rows: 3 });
  });

  it("that failed may be tried again in the same attempt", async () => {
    const { run } = await runPipeline(async ({ commit }) => {
      await expectErr(
        commit(() => Promise.reject(new SpineError("DATABASE_BUSY", "locked"))),
        "DATABASE_BUSY",
      );
      return expectOk(commit(() => ({ rows: 3 })));
    });
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { ingest: { rows: 3 } } });
  });

  it("checks the output against the pipeline's schema before anything is kept", async () => {
    const ingest = definePipeline({
      key: "prices.ingest",
      output: z.object({ rows: z.int() }),
      run: ({ commit }) => commit(() => ({ rows: "three" }) as never),
    });
    const { spine, run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.error).toMatchObject({ code: "OUTPUT_INVALID" });
    expect(await attemptLines(spine, run.runId)).toEqual(["ingest 1 FAILED OUTPUT_INVALID"]);
  });

  it("begins a new capture with each attempt, and only the last one is seen", async () => {
    const { spine } = await runPipeline(
      async ({ capture, commit, run }) => {
        const running = await expectOk(capture.begin(slot));
        if (run.attempt < 3) throw new SpineError("TRANSIENT", `attempt ${run.attempt}`);
        running.complete({ rowCount: 3 });
        return commit(() => ({}));
      },
      { retry: { maxAttempts: 3, delayMs: 0 } },
    );
    const captures = await expectOk(spine.store.captures.list({}));
    expect(captures.toReversed().map(({ status, error }) => [status, error])).toEqual([
      ["FAILED", "attempt 1"],
      ["FAILED", "attempt 2"],
      ["COMPLETE", undefined],
    ]);
  });

  it("is refused by a runner that has no store", async () => {
    const ingest = stub("prices.ingest", ({ commit }) => commit(() => ({})));
    const run = await expectOk(
      new WorkflowRunner({ pipelines: [ingest] }).run(flow([Step.pipeline("ingest", keyOf(ingest))])),
    );
    expect(run.error).toMatchObject({ code: "CAPABILITY_MISSING" });
  });

  it.each([
    ["returns", () => err(new SpineError("VALIDATION_FAILED", "The sums differ."))],
    ["promises", async () => err(new SpineError("VALIDATION_FAILED", "The sums differ."))],
    ["is", () => errAsync(new SpineError("VALIDATION_FAILED", "The sums differ."))],
  ])("whose work %s an Err keeps nothing, as if it had thrown", async (_, work) => {
    const { spine, run } = await runPipeline(async ({ capture, commit }) => {
      await expectOk(capture.begin(slot));
      return commit(work);
    });
    expect(run).toMatchObject({ status: "FAILED", error: { code: "VALIDATION_FAILED" } });
    expect(await expectOk(spine.store.captures.list({}))).toMatchObject([{ status: "FAILED" }]);
  });

  it("whose answer got lost is known to have been kept by the step's own row", async () => {
    const { spine, run } = await runPipeline(
      async ({ capture, commit }) => {
        await expectOk(capture.begin(slot));
        return commit(() => ({ rows: 3 }));
      },
      { spine: { store: losingCommits(memory()) }, retry: { maxAttempts: 3 } },
    );
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { ingest: { rows: 3 } } });
    expect(await attemptLines(spine, run.runId)).toEqual(["ingest 1 COMPLETED", "after 1 COMPLETED"]);
    expect(await expectOk(spine.store.captures.list({}))).toMatchObject([{ status: "COMPLETE" }]);
  });
});

/** A store whose connection breaks after each COMMIT, before its answer. */
function losingCommits(provider: StoreProvider): StoreProvider {
  const broken = new SpineError("DATABASE_UNAVAILABLE", "The connection broke.");
  return {
    kind: provider.kind,
    open: (environment) =>
      provider.open(environment).map((store) => ({
        ...store,
        transaction: (work, options) => store.transaction(work, options).andThen(() => errAsync(broken)),
      })),
  };
}
