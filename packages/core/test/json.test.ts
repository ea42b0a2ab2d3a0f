import {
  canonicalJson,
  encodeJson,
  encodeJsonObject,
  isJsonObject,
  type Json,
  jsonSizeBytes,
  pathText,
} from "@spine/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const json = fc.jsonValue({ noUnicodeString: false }).map((value) => value as Json);

describe("encodeJson", () => {
  test("gives a frozen copy, all the way down, and leaves the value alone", () => {
    const value = { list: [{ n: 1 }], text: "x" };
    const copy = encodeJson(value)._unsafeUnwrap() as typeof value;
    expect(copy).toEqual(value);
    expect([copy, copy.list, copy.list[0]].every(Object.isFrozen)).toBe(true);
    expect([value, value.list, value.list[0]].some(Object.isFrozen)).toBe(false);
  });

  test("law: whatever JSON can say comes back as it was", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(encodeJson(value)._unsafeUnwrap()).toEqual(value);
      }),
    );
  });

  test("law: the copy is what its text says", () => {
    fc.assert(
      fc.property(json, (value) => {
        const copy = encodeJson(value)._unsafeUnwrap();
        expect(JSON.parse(JSON.stringify(copy))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("drops keys set to undefined, as JSON text does", () => {
    expect(Object.keys(encodeJson({ a: undefined, b: 1 })._unsafeUnwrap() as object)).toEqual(["b"]);
  });

  class Money {
    readonly amount = 1;
  }
  test.for([
    [{ a: { b: [1, Number.NaN] } }, "The value at a.b[1] is NaN"],
    [[Number.POSITIVE_INFINITY], "The value at [0] is Infinity"],
    [{ at: new Date(0) }, "The value at at is a Date"],
    [{ n: 10n }, "The value at n is a bigint"],
    [{ f: () => 1 }, "The value at f is a function"],
    [{ s: Symbol("x") }, "The value at s is a symbol"],
    [[undefined], "The value at [0] is undefined"],
    [undefined, "The value is undefined"],
    [{ m: new Map() }, "The value at m is an instance of Map"],
    [new Set(), "The value is an instance of Set"],
    [{ price: new Money() }, "The value at price is an instance of Money"],
    [{ "a b": { "": Number.NaN } }, 'The value at ["a b"][""] is NaN'],
  ] as const)("%# says where JSON would lose something: %s", ([value, text]) => {
    const error = encodeJson(value)._unsafeUnwrapErr();
    expect(error.code).toBe("NOT_JSON");
    expect(error.message).toContain(text);
  });

  test("has the path in the context, for programs", () => {
    expect(encodeJson({ a: [{ b: 1n }] })._unsafeUnwrapErr().context).toEqual({ path: ["a", 0, "b"] });
  });

  test("refuses what contains itself instead of running for ever", () => {
    const round: { self?: unknown } = {};
    round.self = round;
    expect(encodeJson(round)._unsafeUnwrapErr().message).toContain("contains itself");
  });

  test("takes objects without a prototype, of another realm, and a key named __proto__", () => {
    expect(encodeJson(Object.assign(Object.create(null), { a: 1 }))._unsafeUnwrap()).toEqual({ a: 1 });
    const trap = JSON.parse('{"__proto__":{"admin":true}}') as object;
    const copy = encodeJson(trap)._unsafeUnwrap() as Record<string, unknown>;
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true}}');
    expect(copy["admin"]).toBeUndefined();
  });
});

describe("encodeJsonObject", () => {
  test.for([
    [[1], "an array"],
    [null, "null"],
    ["x", "a string"],
    [1, "a number"],
  ] as const)("refuses %j", ([value, what]) => {
    expect(encodeJsonObject(value)._unsafeUnwrapErr().message).toBe(
      `The value is ${what}, an object is expected, which JSON cannot keep. Convert it first.`,
    );
  });

  test("takes an object", () => {
    expect(encodeJsonObject({ a: 1 })._unsafeUnwrap()).toEqual({ a: 1 });
  });
});

describe("canonicalJson", () => {
  test("sorts keys by UTF-16 code units and prints as ECMAScript does", () => {
    const value = { "\u20ac": 1, "\r": 2, "1": 3, "\u{1f600}": 4, "\ufb33": 5, b: [1e21, 0.1, -0, "é\u0007"], a: null };
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"1":3,"a":null,"b":[1e+21,0.1,0,"é\\u0007"],"\u20ac":1,"\u{1f600}":4,"\ufb33":5}',
    );
  });

  test("law: equal values have equal text, whatever the order of their keys", () => {
    const shuffled = (value: Json): Json => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (!isJsonObject(value)) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, member]) => [key, shuffled(member)]),
      );
    };
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test("law: the text is JSON and says the same", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

test("jsonSizeBytes counts UTF-8 bytes of the text", () => {
  expect(jsonSizeBytes({ a: "é" })).toBe(10);
  expect(jsonSizeBytes(null)).toBe(4);
});

test.for([
  [[], ""],
  [["outputs", "rows", 3, "when"], "outputs.rows[3].when"],
  [[0, 1], "[0][1]"],
  [["a-b", "c"], '["a-b"].c'],
  [["$ref", "_x"], "$ref._x"],
] as const)("pathText of %j", ([path, text]) => {
  expect(pathText(path)).toBe(text);
});
