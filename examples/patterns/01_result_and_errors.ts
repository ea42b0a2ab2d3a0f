// Results and errors: what may go wrong because of input comes back as a value; what is wrong in a program is thrown.

import { readFile } from "node:fs/promises";
import {
  collectAllErrors,
  err,
  isRetryable,
  ok,
  orThrow,
  partition,
  RateLimitError,
  type Result,
  resultAsync,
  safeTry,
  type SpineError,
  tryAsync,
  tryResult,
  ValidationError,
} from "@spine/core";
import { z } from "zod";

const Trade = z.object({ symbol: z.string().min(1), shares: z.int().positive(), price: z.number().positive() });
type Trade = z.infer<typeof Trade>;

// 1. A function that can fail says so in its type. The caller cannot forget the failure, because the value is inside.
function parseTrade(text: string): Result<Trade, SpineError> {
  return tryResult(
    () => Trade.parse(JSON.parse(text)),
    (thrown) => new ValidationError(`${text} is not a trade.`, { value: text, cause: thrown }),
  );
}

console.log("1. One result");
for (const text of ['{"symbol":"AAPL","shares":100,"price":190.5}', '{"symbol":"AAPL","shares":-1,"price":190.5}']) {
  const line = parseTrade(text)
    .map(({ shares, price }) => shares * price)
    .match(
      (amount) => `ok: ${amount} USD`,
      ({ code, category, message }) => `${code} (${category}): ${message}`,
    );
  console.log(`  ${line}`);
}

// 2. Foreign code throws. It is turned into a value once, at the edge, and classified by one table: nobody reads texts to
// find out what kind of failure it was.
console.log("2. A foreign error, classified");
const file = await tryAsync(() => readFile("no-such-file.psv", "utf8"));
if (file.isErr()) {
  const { code, category, retryable, cause } = file.error;
  console.log(`  ${code}, category ${category}, retryable ${retryable}, cause kept: ${cause instanceof Error}`);
}

// 3. Many results: the first error is enough for a machine, a person wants them all, and sometimes both halves are useful.
console.log("3. Many results");
const lines = ['{"symbol":"MSFT","shares":5,"price":400}', "{}", "not json"];
const parsed = lines.map(parseTrade);
console.log(`  all or every error: ${collectAllErrors(parsed).match(String, ({ message }) => message)}`);
const [trades, problems] = partition(parsed);
console.log(`  apart: ${trades.length} trade, ${problems.length} problems`);

// 4. Three steps or more read best from top to bottom: `yield*` takes the value out, or leaves with the error.
function averagePrice(texts: readonly string[]): Result<number, SpineError> {
  return safeTry(function* () {
    const all = yield* collectAllErrors(texts.map(parseTrade));
    const shares = all.reduce((sum, trade) => sum + trade.shares, 0);
    if (shares === 0) return err(new ValidationError("There are no trades to average.", { field: "trades" }));
    return ok(all.reduce((sum, trade) => sum + trade.shares * trade.price, 0) / shares);
  });
}
console.log("4. safeTry");
console.log(`  ${averagePrice(lines.slice(0, 1)).unwrapOr(Number.NaN)}`);
console.log(`  ${averagePrice([]).match(String, ({ message }) => message)}`);

// 5. Whether trying again may help is a property of the error, never of its text.
console.log("5. Retry or tell somebody?");
const failures: readonly SpineError[] = [
  new RateLimitError("The vendor asks for fewer requests.", { retryAfterMs: 2000 }),
  new ValidationError("Shares must be positive.", { field: "shares", value: -5, constraint: "> 0" }),
];
for (const failure of failures) {
  console.log(`  ${failure.code}: ${isRetryable(failure) ? `again in ${failure.retryAfterMs} ms` : "tell somebody"}`);
}

// 6. Asynchronous work is the same with ResultAsync: awaiting it gives the Result, and it chains without awaiting.
const total = resultAsync(async () => averagePrice(lines.slice(0, 1))).map((price) => price.toFixed(2));
console.log("6. ResultAsync");
// `orThrow` is for scripts such as this one, where a failure should simply end the program.
console.log(`  ${await orThrow(total)}`);
