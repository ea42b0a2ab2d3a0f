import { err, ok, Result, ResultAsync, errAsync, okAsync, safeTry } from "neverthrow";
import { toSpineError } from "./errors/classify.ts";
import { SpineError } from "./errors/spine-error.ts";

export { err, errAsync, ok, okAsync, Result, ResultAsync, safeTry };

/** Marks a value that is a success to have and a failure to rely on, such as a run that FAILED: see {@link orThrow}. */
export const failureOf: unique symbol = Symbol.for("spine.failureOf") as never;

/**
 * Runs foreign code that may throw and returns what it did as a value. A thrown value is classified once
 * ({@link toSpineError}) and kept as `cause`; `onError` replaces that classification.
 */
export function tryResult<T>(work: () => T): Result<T, SpineError>;
export function tryResult<T, E>(work: () => T, onError: (thrown: unknown) => E): Result<T, E>;
export function tryResult<T>(work: () => T, onError: (thrown: unknown) => unknown = toSpineError): Result<T, unknown> {
  try {
    return ok(work());
  } catch (thrown) {
    return err(onError(thrown));
  }
}

/** {@link tryResult} for asynchronous code: catches a throw before the first await as well as a rejection. */
export function tryAsync<T>(work: () => PromiseLike<T> | T): ResultAsync<T, SpineError>;
export function tryAsync<T, E>(work: () => PromiseLike<T> | T, onError: (thrown: unknown) => E): ResultAsync<T, E>;
export function tryAsync<T>(
  work: () => PromiseLike<T> | T,
  onError: (thrown: unknown) => unknown = toSpineError,
): ResultAsync<T, unknown> {
  return new ResultAsync(settle(work, onError));
}

/** Turns an async function that returns a Result into a ResultAsync; a throw inside becomes an Err as well. */
export function resultAsync<T, E>(work: () => Promise<Result<T, E>>): ResultAsync<T, E | SpineError> {
  return new ResultAsync(settle(work, toSpineError).then((outer) => outer.andThen((inner) => inner)));
}

/** All values in order, or the first error. */
export function collect<T, E>(results: Iterable<Result<T, E>>): Result<readonly T[], E> {
  const values: T[] = [];
  for (const result of results) {
    if (result.isErr()) return err(result.error);
    values.push(result.value);
  }
  return ok(values);
}

/**
 * All values in order, or every error: a single error comes back as it is, several as one `MULTIPLE_ERRORS` whose
 * context has `errorCount` and `errors` (all texts) and whose `cause` is an AggregateError of the originals.
 */
export function collectAllErrors<T>(results: Iterable<Result<T, unknown>>): Result<readonly T[], SpineError> {
  const [values, errors] = partition(results);
  const [first] = errors;
  if (first === undefined && errors.length === 0) return ok(values);
  if (errors.length === 1) return err(toSpineError(first));
  const texts = errors.map((error) => toSpineError(error).message);
  const shown = texts.slice(0, 3).join("; ") + (texts.length > 3 ? "; ..." : "");
  return err(
    new SpineError("MULTIPLE_ERRORS", `Multiple errors (${texts.length}): ${shown}`, {
      context: { errorCount: texts.length, errors: texts },
      cause: new AggregateError(errors),
    }),
  );
}

/** Values and errors apart, each in order. */
export function partition<T, E>(results: Iterable<Result<T, E>>): readonly [readonly T[], readonly E[]] {
  const values: T[] = [];
  const errors: E[] = [];
  for (const result of results) {
    if (result.isOk()) values.push(result.value);
    else errors.push(result.error);
  }
  return [values, errors];
}

/** Ok for every value but `null` and `undefined`; `0`, `""` and `false` are values. */
export function fromOptional<T, E>(value: T | null | undefined, error: E): Result<NonNullable<T>, E> {
  return value === null || value === undefined ? err(error) : ok(value);
}

/** Ok with `value` when the condition holds, else Err with `error`. */
export function fromBool<T, E>(condition: boolean, value: T, error: E): Result<T, E> {
  return condition ? ok(value) : err(error);
}

/** Whether a value is a Result of this or another copy of neverthrow: by shape, as `instanceof` fails across copies. */
export function isResult(value: unknown): value is Result<unknown, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const candidate = value as Partial<Record<"isOk" | "isErr" | "_unsafeUnwrap" | "match", unknown>>;
  return (
    typeof candidate.isOk === "function" &&
    typeof candidate.isErr === "function" &&
    typeof candidate.match === "function" &&
    typeof candidate._unsafeUnwrap === "function"
  );
}

/**
 * The value, or throw: for examples, scripts and the CLI. Throws the error of an Err, and also the failure a
 * value declares by {@link failureOf} (a run that ended FAILED).
 * @example
 * const spine = await orThrow(createSpine({ store: memory() }));
 */
export function orThrow<T, E>(result: Result<T, E>): T;
export function orThrow<T, E>(result: ResultAsync<T, E>): Promise<T>;
export function orThrow<T, E>(result: Result<T, E> | ResultAsync<T, E>): T | Promise<T> {
  if (isResult(result)) return valueOrThrow(result);
  return Promise.resolve(result).then(valueOrThrow);
}

function valueOrThrow<T, E>(result: Result<T, E>): T {
  if (result.isErr()) throw toError(result.error);
  const value = result.value;
  if (typeof value === "object" && value !== null && failureOf in value) {
    const failure: unknown = value[failureOf];
    if (failure !== undefined) throw toError(failure);
  }
  return value;
}

function toError(value: unknown): Error {
  return value instanceof Error ? value : toSpineError(value);
}

async function settle<T, E>(work: () => PromiseLike<T> | T, onError: (thrown: unknown) => E): Promise<Result<T, E>> {
  try {
    return ok(await work());
  } catch (thrown) {
    return err(onError(thrown));
  }
}
