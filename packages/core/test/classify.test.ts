import {
  categorize,
  classify,
  getRetryAfterMs,
  isRetryable,
  SourceError,
  SourceNotFoundError,
  toSpineError,
  TransientError,
} from "@spine/core";
import { describe, expect, test } from "vitest";

const withCode = (code: string): Error => Object.assign(new Error(`it was ${code}`), { code });
const withStatus = (status: number): Error => Object.assign(new Error(`status ${status}`), { status });

describe("foreign errors by their code", () => {
  test.for([
    ["ECONNREFUSED", "NETWORK_ERROR"],
    ["ECONNRESET", "NETWORK_ERROR"],
    ["ENOTFOUND", "NETWORK_ERROR"],
    ["ETIMEDOUT", "TIMEOUT"],
    ["UND_ERR_CONNECT_TIMEOUT", "TIMEOUT"],
    ["ABORT_ERR", "CANCELLED"],
    ["ENOENT", "SOURCE_NOT_FOUND"],
    ["EACCES", "FILE_ACCESS_DENIED"],
    ["ENOSPC", "DISK_FULL"],
    ["EMFILE", "RESOURCES_EXHAUSTED"],
    ["SQLITE_BUSY", "DATABASE_BUSY"],
    ["SQLITE_BUSY_SNAPSHOT", "DATABASE_BUSY"],
    ["SQLITE_CONSTRAINT_PRIMARYKEY", "INTEGRITY_VIOLATED"],
    ["SQLITE_READONLY_DBMOVED", "DATABASE_READ_ONLY"],
    ["SQLITE_NOTADB", "DATABASE_CORRUPT"],
    ["SQLITE_ERROR", "QUERY_INVALID"],
    ["23505", "INTEGRITY_VIOLATED"],
    ["40001", "DATABASE_CONFLICT"],
    ["40P01", "DATABASE_CONFLICT"],
    ["42601", "QUERY_INVALID"],
    ["42501", "AUTHORIZATION_FAILED"],
    ["25006", "DATABASE_READ_ONLY"],
    ["25P02", "TX_DOOMED"],
    ["28P01", "AUTHENTICATION_FAILED"],
    ["53100", "DISK_FULL"],
    ["53300", "DATABASE_UNAVAILABLE"],
    ["55P03", "DATABASE_BUSY"],
    ["57014", "CANCELLED"],
    ["57P01", "DATABASE_UNAVAILABLE"],
    ["08006", "DATABASE_UNAVAILABLE"],
    ["XX001", "DATABASE_CORRUPT"],
    ["EWHATEVER", undefined],
    ["99999", undefined],
    ["SQLITE_", undefined],
    ["", undefined],
  ] as const)("%s is %s", ([code, expected]) => {
    expect(classify(withCode(code))).toBe(expected);
  });
});

describe("foreign errors by their HTTP status", () => {
  test.for([
    [399, undefined],
    [400, "HTTP_CLIENT_ERROR"],
    [401, "AUTHENTICATION_FAILED"],
    [403, "AUTHORIZATION_FAILED"],
    [404, "SOURCE_NOT_FOUND"],
    [408, "TIMEOUT"],
    [410, "SOURCE_NOT_FOUND"],
    [422, "HTTP_CLIENT_ERROR"],
    [425, "TRANSIENT"],
    [429, "RATE_LIMITED"],
    [500, "HTTP_SERVER_ERROR"],
    [501, "HTTP_CLIENT_ERROR"],
    [503, "HTTP_SERVER_ERROR"],
    [599, "HTTP_SERVER_ERROR"],
    [600, undefined],
  ] as const)("%i is %s", ([status, expected]) => {
    expect(classify(withStatus(status))).toBe(expected);
    expect(classify({ statusCode: status })).toBe(expected);
  });
});

describe("where the answer lies", () => {
  test("by name for an abort and a time-out of the platform", () => {
    expect(classify(AbortSignal.abort().reason)).toBe("CANCELLED");
    expect(classify(new DOMException("late", "TimeoutError"))).toBe("TIMEOUT");
  });

  test("in a cause, as of fetch", () => {
    const error = new TypeError("fetch failed", { cause: withCode("ECONNRESET") });
    expect(toSpineError(error)).toMatchObject({
      code: "NETWORK_ERROR",
      message: "fetch failed",
      cause: error,
    });
  });

  test("in a member of an AggregateError, as of a host with two addresses", () => {
    const error = new AggregateError([withCode("ECONNREFUSED"), withCode("ECONNREFUSED")]);
    expect(toSpineError(error)).toMatchObject({
      code: "NETWORK_ERROR",
      message: "it was ECONNREFUSED; it was ECONNREFUSED",
    });
  });

  test("the outermost error that says something wins", () => {
    const error = Object.assign(new Error("gone", { cause: withCode("ECONNRESET") }), {
      code: "ENOENT",
    });
    expect(classify(error)).toBe("SOURCE_NOT_FOUND");
  });

  test("a chain that bites its own tail ends", () => {
    const error = new Error("round");
    error.cause = error;
    expect(classify(error)).toBeUndefined();
  });
});

describe("toSpineError", () => {
  test("hands its own errors on, with more context when there is some", () => {
    const error = new SourceError("x");
    expect(toSpineError(error)).toBe(error);
    expect(toSpineError(error, "INTERNAL", { runId: "run_1" })).toMatchObject({
      code: "SOURCE_ERROR",
      context: { runId: "run_1" },
    });
  });

  test.for([
    [new Error("odd"), "odd"],
    [new TypeError(), "TypeError"],
    ["text", "text"],
    [{ message: "an object's" }, "an object's"],
    [42, "A value that is not an error was thrown: 42"],
    [null, "A value that is not an error was thrown: null"],
    [undefined, "A value that is not an error was thrown: undefined"],
  ] as const)("gives %o a text and the fallback's code", ([thrown, message]) => {
    expect(toSpineError(thrown)).toMatchObject({ code: "UNKNOWN", category: "UNKNOWN", message });
    expect(toSpineError(thrown, "STEP_THREW").code).toBe("STEP_THREW");
  });

  test.for([Symbol("s"), Object.create(null), () => 1, 10n])("survives %o", (thrown) => {
    expect(toSpineError(thrown).code).toBe("UNKNOWN");
  });

  test("keeps how long the other side asked to wait", () => {
    expect(toSpineError(Object.assign(withStatus(429), { retryAfterMs: 500 })).retryAfterMs).toBe(500);
    expect(toSpineError(Object.assign(withStatus(429), { retryAfterMs: -1 })).retryAfterMs).toBeUndefined();
  });
});

describe("questions about any thrown value", () => {
  test("isRetryable", () => {
    expect(isRetryable(new TransientError("x"))).toBe(true);
    expect(isRetryable(new SourceNotFoundError("x"))).toBe(false);
    expect(isRetryable(new TypeError("x"))).toBe(false);
    expect(isRetryable(withCode("40001"))).toBe(true);
  });

  test("getRetryAfterMs", () => {
    expect(getRetryAfterMs(new TransientError("x", { retryAfterMs: 30 }))).toBe(30);
    expect(getRetryAfterMs(new TransientError("x"))).toBeUndefined();
    expect(getRetryAfterMs(new TypeError("x"))).toBeUndefined();
  });

  test("categorize", () => {
    expect(categorize(withCode("ENOSPC"))).toBe("STORAGE");
    expect(categorize("text")).toBe("UNKNOWN");
  });
});
