import { expect, test } from "vitest";
import * as core from "@spine/core";

/** The same files once more, as a second copy of the package in node_modules would be. */
const copy = (await import(
  /* @vite-ignore */ new URL("../src/errors/spine-error.ts?copy", import.meta.url).href
)) as Pick<typeof core, "SpineError">;

class CopiedValidationError extends copy.SpineError {
  static override readonly family: string = "ValidationError";
}

test("the copy is another class", () => {
  expect(copy.SpineError).not.toBe(core.SpineError);
});

test("an error of one copy is an instance of the other one's class", () => {
  expect(new copy.SpineError("INTERNAL", "x")).toBeInstanceOf(core.SpineError);
  expect(new core.SpineError("INTERNAL", "x")).toBeInstanceOf(copy.SpineError);
  expect(new core.ValidationError("x")).toBeInstanceOf(copy.SpineError);
});

test("so is an error of a family, and of that family only", () => {
  const error = new CopiedValidationError("VALIDATION_FAILED", "x");
  expect(error).toBeInstanceOf(core.ValidationError);
  expect(error).toBeInstanceOf(core.SpineError);
  expect(error).not.toBeInstanceOf(core.SchemaError);
  expect(error).not.toBeInstanceOf(core.ConfigError);
});

test("an error of the copy is passed on as it is, not wrapped", () => {
  const error = new copy.SpineError("DATABASE_BUSY", "x");
  expect(core.toSpineError(error)).toBe(error);
  expect(core.isRetryable(error)).toBe(true);
  expect(core.serializeError(error)).toMatchObject({
    code: "DATABASE_BUSY",
    retryable: true,
  });
});
