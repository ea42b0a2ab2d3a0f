import { inspect } from "node:util";
import type { ErrorCode, Result, SpineError } from "@spine/core";
import { expect } from "vitest";

/** The value of a Result that must be Ok; fails the test with the error otherwise. */
export async function expectOk<T, E>(result: PromiseLike<Result<T, E>> | Result<T, E>): Promise<T> {
  const settled = await result;
  if (settled.isErr()) throw settled.error;
  return settled.value;
}

/** The error of a Result that must be Err with this code. */
export async function expectErr<T>(
  result: PromiseLike<Result<T, SpineError>> | Result<T, SpineError>,
  code: ErrorCode,
): Promise<SpineError> {
  const settled = await result;
  if (settled.isOk()) return expect.fail(`expected ${code}, but it was Ok: ${inspect(settled.value)}`);
  expect(settled.error).toMatchObject({ code });
  return settled.error;
}
