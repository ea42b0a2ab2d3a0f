import {
  AuthError,
  err,
  ok,
  orThrow,
  RateLimitError,
  SourceNotFoundError,
  tryResult,
  ValidationError,
} from "@spine/core";
import { describe, expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { runFlow } from "./support/run-steps.ts";

class BrokenPipeError extends Error {
  readonly code = "EPIPE";
}

describe.each(["throws", "rejects"] as const)("a lambda that %s", (how) => {
  const fail = (thrown: unknown): (() => unknown) => {
    if (how === "rejects") return () => Promise.reject(thrown);
    return () => {
      throw thrown;
    };
  };

  it.each([
    [new ValidationError("week is missing", { field: "week" }), "VALIDATION_FAILED", "VALIDATION", false],
    [new SourceNotFoundError("no such file"), "SOURCE_NOT_FOUND", "SOURCE", false],
    [new AuthError("bad key"), "AUTHENTICATION_FAILED", "AUTH", false],
    [new RateLimitError("slow down"), "RATE_LIMITED", "NETWORK", true],
    [new BrokenPipeError("broken pipe"), "NETWORK_ERROR", "NETWORK", true],
    [Object.assign(new Error("not there"), { status: 503 }), "HTTP_SERVER_ERROR", "NETWORK", true],
    [new TypeError("x is not a function"), "STEP_THREW", "UNKNOWN", false],
    ["just a text", "STEP_THREW", "UNKNOWN", false],
  ])("%s keeps what kind of error it is", async (thrown, code, category, retryable) => {
    const { run } = await runFlow([Step.lambda("check", fail(thrown))]);
    expect(run.error).toMatchObject({ code, category, retryable, context: { step: "check" } });
    expect(run.error?.message).toBe(thrown instanceof Error ? thrown.message : thrown);
  });

  it("keeps the foreign error as cause, and spine's own as it was", async () => {
    const foreign = new TypeError("x is not a function");
    expect((await runFlow([Step.lambda("check", fail(foreign))])).run.error?.cause).toBe(foreign);
    const cause = new Error("inner");
    const own = new ValidationError("week is missing", { field: "week", cause });
    expect((await runFlow([Step.lambda("check", fail(own))])).run.error).toMatchObject({ field: "week", cause });
  });
});

describe("a pipeline that fails", () => {
  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new SourceNotFoundError("no such file");
      },
    ],
    ["rejects", () => Promise.reject(new SourceNotFoundError("no such file"))],
    ["returns an Err", () => err(new SourceNotFoundError("no such file"))],
  ])("and %s keeps the error and says where it was", async (_, run) => {
    const ingest = stub("prices.ingest", run);
    const ran = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(ran.run.error).toBeInstanceOf(SourceNotFoundError);
    expect(ran.run.error).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      context: { pipeline: "prices.ingest", step: "ingest" },
    });
  });

  it("without a code of its own is STEP_THREW with the cause", async () => {
    const cause = new TypeError("x is not a function");
    const ingest = stub("prices.ingest", () => Promise.reject(cause));
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.error).toMatchObject({ code: "STEP_THREW", message: "x is not a function", cause });
  });
});

it("a failed run throws for those who rely on it, and the error names run, step and remedy", async () => {
  const { run } = await runFlow([Step.lambda("check", () => false)]);
  const failure = tryResult(() => orThrow(ok(run)))._unsafeUnwrapErr();
  expect(failure).toMatchObject({ code: "RUN_FAILED", category: "VALIDATION", cause: { code: "STEP_REJECTED" } });
  expect(failure.message).toContain(`Run ${run.runId} of "test.flow" ended FAILED at step "check": `);
  expect(failure.context).toMatchObject({ runId: run.runId, step: "check", remedy: `spine show ${run.runId}` });
});
