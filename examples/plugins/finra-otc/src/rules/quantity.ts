import { err, ok, type Result } from "@spine/core";

export type QuantityFault = "INVALID" | "NEGATIVE" | "TOO_LARGE";

export interface QuantityError {
  readonly fault: QuantityFault;
  /** Reads on after the name of the field: `is "1.5", which is not a whole number`. */
  readonly detail: string;
}

const wholeNumber = /^[+-]?\d+$/;

/**
 * Reads a count of shares or trades: a whole number of at least 0. One that a double cannot hold exactly (above 2^53 − 1; FINRA's
 * have up to 13 digits) is refused rather than rounded.
 */
export function parseQuantity(text: string | undefined): Result<number, QuantityError> {
  const trimmed = text?.trim() ?? "";
  const fail = (fault: QuantityFault, why: string): Result<number, QuantityError> =>
    err({ fault, detail: trimmed === "" ? "is empty" : `is ${JSON.stringify(trimmed)}, ${why}` });
  if (!wholeNumber.test(trimmed)) return fail("INVALID", "which is not a whole number");
  const quantity = Number(trimmed);
  if (quantity < 0) return fail("NEGATIVE", "which is below 0");
  if (!Number.isSafeInteger(quantity)) return fail("TOO_LARGE", "which is above 2^53 - 1");
  // "-0" is 0.
  return ok(Math.abs(quantity));
}
