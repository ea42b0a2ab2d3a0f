import {
  type PipelineContext,
  RateLimitError,
  SourceError,
  SourceUnavailableError,
  SpineError,
  ValidationError,
} from "@spine/core";
import { expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { retryDelayMs, type RetryPolicy, Step, StepResult } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openFlow, runFlow, type Steps } from "./support/run-steps.ts";
import { attemptLines, eventLines } from "./support/summaries.ts";

const busy = new SourceUnavailableError("not now");

/** A step that fails so often with this error, then succeeds; and the instants of its attempts. */
function flaky(
  failures: number,
  error: unknown = busy,
  retry?: RetryPolicy,
): { steps: Steps; triedAtMs: number[]; clock: ReturnType<typeof fakeClock> } {
  const clock = fakeClock();
  const startMs = clock.nowMs();
  const triedAtMs: number[] = [];
  const handler = (): unknown => {
    triedAtMs.push(clock.nowMs() - startMs);
    if (triedAtMs.length <= failures) throw error;
    return { tries: triedAtMs.length };
  };
  return { steps: [Step.lambda("fetch", handler, retry === undefined ? {} : { retry })], triedAtMs, clock };
}

describe("a step with a retry policy", () => {
  it("is tried until it succeeds, and each try has a row", async () => {
    const { steps, clock } = flaky(2, busy, { maxAttempts: 3 });
    const { spine, run } = await runFlow(steps, { spine: { clock } });
    expect(run.status).toBe("COMPLETED");
    expect(run.outputs).toEqual({ fetch: { tries: 3 } });
    expect(run.error).toBeUndefined();
    expect(await attemptLines(spine, run.runId)).toEqual([
      "fetch 1 FAILED SOURCE_UNAVAILABLE",
      "fetch 2 FAILED SOURCE_UNAVAILABLE",
      "fetch 3 COMPLETED",
    ]);
    const [fetch] = await expectOk(spine.store.history.steps(run));
    expect(fetch).toMatchObject({ status: "COMPLETED", attempt: 3 });
  });

  it("fails with its last error once its attempts are used up", async () => {
    const { steps, clock, triedAtMs } = flaky(9, busy, { maxAttempts: 2 });
    const { spine, run } = await runFlow(steps, { spine: { clock } });
    expect(run.status).toBe("FAILED");
    expect(run.error).toMatchObject({ code: "SOURCE_UNAVAILABLE" });
    expect(triedAtMs).toHaveLength(2);
    expect(await attemptLines(spine, run.runId)).toEqual([
      "fetch 1 FAILED SOURCE_UNAVAILABLE",
      "fetch 2 FAILED SOURCE_UNAVAILABLE",
    ]);
    expect(run.steps).toMatchObject([{ step: "fetch", status: "FAILED", attempt: 2 }]);
  });

  it("waits longer each time, up to a limit, by the clock", async () => {
    const policy = { maxAttempts: 6, delayMs: 1000, factor: 3, maxDelayMs: 10_000, jitter: 0 };
    const { steps, clock, triedAtMs } = flaky(5, busy, policy);
    await runFlow(steps, { spine: { clock } });
    expect(triedAtMs).toEqual([0, 1000, 4000, 13_000, 23_000, 33_000]);
  });

  it("begins the next attempt at its instant and not before", async () => {
    const { steps, clock, triedAtMs } = flaky(1, busy, { delayMs: 500, jitter: 0 });
    const { spine } = await openFlow(steps, { spine: { clock } });
    const running = spine.workflows.run("test.flow");
    await clock.advance(499);
    expect(triedAtMs).toEqual([0]);
    await clock.advance(1);
    expect(triedAtMs).toEqual([0, 500]);
    await expectOk(running);
  });

  it("waits at least as long as the other side asked", async () => {
    const { steps, clock, triedAtMs } = flaky(1, new RateLimitError("slow down", { retryAfterMs: 90_000 }), {
      jitter: 0,
    });
    await runFlow(steps, { spine: { clock } });
    expect(triedAtMs).toEqual([0, 90_000]);
  });

  it("waits its own time when the other side asked for less", async () => {
    const { steps, clock, triedAtMs } = flaky(1, new RateLimitError("slow down", { retryAfterMs: 5 }), {
      delayMs: 700,
      jitter: 0,
    });
    await runFlow(steps, { spine: { clock } });
    expect(triedAtMs).toEqual([0, 700]);
  });

  it("records each wait with its reason, and the attempt it leads to as running", async () => {
    const { steps, clock } = flaky(1, busy, { delayMs: 500, jitter: 0 });
    const { spine } = await openFlow(steps, { spine: { clock } });
    const running = spine.workflows.run("test.flow");
    await clock.advance(0);
    expect(await expectOk(spine.store.history.steps({ runId: "run_000001" }))).toMatchObject([
      { status: "RUNNING", attempt: 2 },
    ]);
    await clock.advance(500);
    const run = await expectOk(running);
    expect(await eventLines(spine, run.runId)).toEqual([
      "run.started",
      "step.retrying fetch",
      "step.completed fetch",
      "run.completed",
    ]);
    const events = await expectOk(spine.store.history.events(run));
    expect(events[1]?.payload).toEqual({
      attempt: 1,
      nextAttempt: 2,
      delayMs: 500,
      code: "SOURCE_UNAVAILABLE",
      message: "not now",
    });
  });

  it("keeps its idempotency key from attempt to attempt", async () => {
    const seen: PipelineContext["run"][] = [];
    const ingest = stub("prices.ingest", ({ run }) => {
      seen.push(run);
      if (run.attempt < 3) throw busy;
    });
    await runFlow([Step.pipeline("ingest", keyOf(ingest), { retry: { maxAttempts: 3 } })], { pipelines: [ingest] });
    expect(seen.map(({ attempt, idempotencyKey }) => [attempt, idempotencyKey])).toEqual([
      [1, "run_000001:ingest"],
      [2, "run_000001:ingest"],
      [3, "run_000001:ingest"],
    ]);
  });
});

describe("whether an error is worth another attempt", () => {
  it.each<[string, unknown, number]>([
    ["an error that will pass", busy, 2],
    ["an error nobody can classify", new TypeError("x is not a function"), 2],
    ["a connection that broke", Object.assign(new Error("reset"), { code: "ECONNRESET" }), 2],
    ["a validation", new ValidationError("too few"), 1],
    ["a source that is wrong for good", new SourceError("no such feed"), 1],
    ["an error that says it will pass", new ValidationError("too few", { retryable: true }), 2],
    ["an error that says it will not", new SourceUnavailableError("gone", { retryable: false }), 1],
    ["a code of a plugin, retryable", new SpineError("ACME_BUSY", "busy", { retryable: true }), 2],
  ])("%s", async (_, error, attempts) => {
    const { steps, clock, triedAtMs } = flaky(9, error, { maxAttempts: 2 });
    await runFlow(steps, { spine: { clock } });
    expect(triedAtMs).toHaveLength(attempts);
  });

  it("false is an answer and not tried again; a StepResult can ask for it", async () => {
    const tries = { asked: 0, refused: 0 };
    await runFlow([
      Step.lambda("asks", () => StepResult.fail("busy", { retryable: (tries.asked += 1) < 9 }), {
        retry: {},
        onError: "continue",
      }),
      Step.lambda("refuses", () => (tries.refused += 1) > 9, { retry: {} }),
    ]);
    expect(tries).toEqual({ asked: 3, refused: 1 });
  });
});

describe("the wait after an attempt", () => {
  it.each<[RetryPolicy, number, number, number | undefined, number]>([
    [{}, 1, 0, undefined, 1000],
    [{}, 2, 0, undefined, 2000],
    [{}, 1, 0.5, undefined, 875],
    [{}, 20, 0, undefined, 60_000],
    [{ delayMs: 0 }, 1, 0, undefined, 0],
    [{ delayMs: 100, factor: 1 }, 5, 0, undefined, 100],
    [{ delayMs: 100, jitter: 1 }, 1, 0.999, undefined, 0],
    [{ delayMs: 100 }, 1, 0, 5000, 5000],
    [{ delayMs: 100, maxDelayMs: 200 }, 9, 0, 5000, 5000],
  ])("of %o, attempt %i, chance %f, asked for %s, is %i ms", (policy, attempt, random, retryAfterMs, delayMs) => {
    expect(retryDelayMs(policy, attempt, random, retryAfterMs)).toBe(delayMs);
  });
});
