import { BadParamsError, deserializeError, isSpineCode, serializeError, SourceError, SpineError } from "@spine/core";
import { describe, expect, test } from "vitest";

describe("a serialized error", () => {
  test("has what is known and no keys for what is not", () => {
    expect(serializeError(new SourceError("no file"))).toEqual({
      name: "SourceError",
      code: "SOURCE_ERROR",
      category: "SOURCE",
      message: "no file",
      retryable: false,
    });
  });

  test("survives JSON and becomes an error with the same facts", () => {
    const error = new BadParamsError("x", {
      code: "ACME_BAD",
      category: "AUTH",
      retryable: true,
      retryAfterMs: 5,
      context: { pipeline: "a.b", attempt: 2, rows: [1, { n: null }] },
      cause: new TypeError("inner", { cause: "innermost" }),
    });
    const stored = serializeError(error);
    expect(stored.causes).toEqual(["TypeError: inner", "innermost"]);
    const back = deserializeError(JSON.parse(JSON.stringify(stored)));
    expect(back).toBeInstanceOf(SpineError);
    expect(back).toMatchObject({
      name: "BadParamsError",
      code: "ACME_BAD",
      category: "AUTH",
      retryable: true,
      retryAfterMs: 5,
      message: "x",
      context: { pipeline: "a.b", attempt: 2, rows: [1, { n: null }] },
    });
  });

  test("comes out the same when it goes round twice", () => {
    const once = serializeError(new SourceError("x", { context: { url: "u" }, cause: new Error("why") }));
    const twice = serializeError(deserializeError(once));
    expect(twice).toEqual(once);
  });

  test("shows what JSON cannot keep as text, and drops what is undefined", () => {
    const error = new SourceError("x", {
      context: { when: 10n, absent: undefined, size: Number.NaN },
    });
    expect(serializeError(error).context).toEqual({ when: "10", size: "NaN" });
  });

  test("keeps a stack only for errors nobody foresaw: that of the cause", () => {
    expect(serializeError(new SourceError("x")).stack).toBeUndefined();
    expect(serializeError(new SpineError("INTERNAL", "x")).stack).toContain("SpineError: x");
    const cause = new TypeError("of undefined");
    expect(serializeError(new SpineError("STEP_THREW", "x", { cause })).stack).toBe(cause.stack);
  });

  test("ends a chain of causes after eight", () => {
    const error = new SourceError("x", {
      cause: Array.from({ length: 20 }).reduce<Error>((cause) => new Error("c", { cause }), new Error("c")),
    });
    expect(serializeError(error).causes).toHaveLength(8);
  });
});

test("isSpineCode knows the table and nothing else", () => {
  expect(isSpineCode("CAPTURE_HELD")).toBe(true);
  expect(isSpineCode("ACME_DOWN")).toBe(false);
  expect(isSpineCode("constructor")).toBe(false);
});
