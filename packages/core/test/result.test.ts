import {
  collect,
  collectAllErrors,
  err,
  failureOf,
  fromBool,
  fromOptional,
  isResult,
  ok,
  okAsync,
  orThrow,
  partition,
  type Result,
  resultAsync,
  SourceNotFoundError,
  SpineError,
  tryAsync,
  tryResult,
  ValidationError,
} from "@spine/core";
import { describe, expect, test } from "vitest";

const invalid = new ValidationError("5 is too small.");
const absent = new SourceNotFoundError("/data/w23.psv does not exist.");

describe("a Result", () => {
  const parse = (text: string): Result<number, ValidationError> =>
    /^-?\d+$/.test(text) ? ok(Number(text)) : err(new ValidationError(`"${text}" is not a number.`));
  const positive = (value: number): Result<number, ValidationError> =>
    value > 0 ? ok(value) : err(new ValidationError(`${value} is not positive.`));

  test.for([
    ["42", "42.00"],
    ["not a number", '"not a number" is not a number.'],
    ["-5", "-5 is not positive."],
  ] as const)("carries %s through a chain, or the first error past it", ([text, expected]) => {
    const shown = parse(text)
      .andThen(positive)
      .map((value) => value.toFixed(2))
      .match(
        (value) => value,
        (error) => error.message,
      );
    expect(shown).toBe(expected);
  });

  test("of a failed primary gives way to a backup", () => {
    expect(
      parse("x")
        .orElse(() => parse("7"))
        ._unsafeUnwrap(),
    ).toBe(7);
    expect(
      parse("1")
        .orElse(() => parse("7"))
        ._unsafeUnwrap(),
    ).toBe(1);
    expect(parse("x").unwrapOr(0)).toBe(0);
  });

  test("keeps the cause when an error is wrapped", () => {
    const wrapped = parse("x").mapErr((cause) => new SpineError("PARSE_ERROR", "Row 3 is unreadable.", { cause }));
    expect(wrapped._unsafeUnwrapErr().cause).toBeInstanceOf(ValidationError);
  });
});

describe("tryResult", () => {
  test("is the value of code that does not throw", () => {
    expect(tryResult(() => 42)._unsafeUnwrap()).toBe(42);
  });

  test("classifies what was thrown and keeps it as cause", () => {
    const thrown = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const error = tryResult((): number => {
      throw thrown;
    })._unsafeUnwrapErr();
    expect(error).toMatchObject({ code: "NETWORK_ERROR", retryable: true, cause: thrown });
  });

  test("asks `onError` instead, only when there is an error", () => {
    const onError = (thrown: unknown): string => `mapped ${String(thrown)}`;
    expect(tryResult(() => 1, onError)._unsafeUnwrap()).toBe(1);
    const failing = (): number => {
      throw "text";
    };
    expect(tryResult(failing, onError)._unsafeUnwrapErr()).toBe("mapped text");
  });
});

describe("tryAsync", () => {
  test.for([
    [
      "a throw before the first await",
      (): Promise<number> => {
        throw invalid;
      },
    ],
    ["a rejection", () => Promise.reject<number>(invalid)],
  ] as const)("catches %s", async ([, work]) => {
    expect((await tryAsync(work))._unsafeUnwrapErr()).toBe(invalid);
  });

  test("takes a value as well as a promise", async () => {
    expect((await tryAsync(() => 1))._unsafeUnwrap()).toBe(1);
    expect((await tryAsync(async () => 2))._unsafeUnwrap()).toBe(2);
  });
});

describe("resultAsync", () => {
  test("flattens the Result of an async function and catches its throws", async () => {
    expect((await resultAsync(async () => ok(1)))._unsafeUnwrap()).toBe(1);
    expect((await resultAsync(async () => err(absent)))._unsafeUnwrapErr()).toBe(absent);
    const throwing = resultAsync<number, SpineError>(async () => {
      throw invalid;
    });
    expect((await throwing)._unsafeUnwrapErr()).toBe(invalid);
  });
});

describe("several Results", () => {
  test("collect gives all values in order, or the first error", () => {
    expect(collect([ok(1), ok(2)])._unsafeUnwrap()).toEqual([1, 2]);
    expect(collect([])._unsafeUnwrap()).toEqual([]);
    expect(collect([ok(1), err(invalid), err(absent)])._unsafeUnwrapErr()).toBe(invalid);
  });

  test("collectAllErrors gives all values in order", () => {
    expect(collectAllErrors([ok(1), ok(2)])._unsafeUnwrap()).toEqual([1, 2]);
    expect(collectAllErrors([])._unsafeUnwrap()).toEqual([]);
  });

  test("collectAllErrors gives a single error as it is", () => {
    expect(collectAllErrors([ok(1), err(invalid)])._unsafeUnwrapErr()).toBe(invalid);
  });

  test("collectAllErrors joins several errors, the first three in the text", () => {
    const errors = ["a", "b", "c", "d"].map((text) => new ValidationError(text));
    const error = collectAllErrors(errors.map((each) => err(each)))._unsafeUnwrapErr();
    expect(error.code).toBe("MULTIPLE_ERRORS");
    expect(error.message).toBe("Multiple errors (4): a; b; c; ...");
    expect(error.context).toEqual({ errorCount: 4, errors: ["a", "b", "c", "d"] });
    expect((error.cause as AggregateError).errors).toEqual(errors);
  });

  test("partition keeps values and errors apart, each in order", () => {
    expect(partition([ok(1), err("a"), ok(2), err("b")])).toEqual([
      [1, 2],
      ["a", "b"],
    ]);
    expect(partition([])).toEqual([[], []]);
  });
});

describe("a Result from a value", () => {
  test.for([0, "", false, Number.NaN])("%j is a value", (value) => {
    expect(fromOptional(value, "absent")._unsafeUnwrap()).toBe(value);
  });

  test.for([null, undefined])("%j is not", (value) => {
    expect(fromOptional(value, "absent")._unsafeUnwrapErr()).toBe("absent");
  });

  test("fromBool chooses by the condition", () => {
    expect(fromBool(true, 1, "no")._unsafeUnwrap()).toBe(1);
    expect(fromBool(false, 1, "no")._unsafeUnwrapErr()).toBe("no");
  });
});

describe("isResult", () => {
  test.for([
    [ok(1), true],
    [err(1), true],
    [{ isOk: true }, false],
    [null, false],
    ["ok", false],
  ] as const)("%#: goes by shape", ([value, expected]) => {
    expect(isResult(value)).toBe(expected);
  });
});

describe("orThrow", () => {
  test("is the value of an Ok", async () => {
    expect(orThrow(ok(1))).toBe(1);
    expect(await orThrow(okAsync(2))).toBe(2);
  });

  test("throws the error of an Err, the very same", () => {
    expect(() => orThrow(err(invalid))).toThrow(invalid);
  });

  test("throws an Error even for an Err that holds something else", () => {
    expect(() => orThrow(err("just text"))).toThrow(SpineError);
  });

  test("throws the failure that a value declares, and only when there is one", () => {
    expect(() => orThrow(ok({ status: "FAILED", [failureOf]: absent }))).toThrow(absent);
    const fine = { status: "COMPLETED", [failureOf]: undefined };
    expect(orThrow(ok(fine))).toBe(fine);
  });
});
