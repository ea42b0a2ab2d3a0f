import { checkSchema, memberNames, type Schema } from "@spine/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";

/** A schema as another library might make it: no JSON Schema, paths of objects. */
const handMade: Schema<unknown, number> = {
  "~standard": {
    version: 1,
    vendor: "hand",
    validate: (value) =>
      typeof value === "number"
        ? { value: value + 1 }
        : { issues: [{ message: "not a number", path: [{ key: "rows" }, { key: 3 }, "n"] }, { message: "at all" }] },
  },
};

describe("checkSchema", () => {
  test("gives the schema's output", async () => {
    expect(await checkSchema(handMade, 1)).toEqual({ valid: true, value: 2 });
    expect(await checkSchema(z.object({ n: z.coerce.number() }), { n: "7" })).toEqual({ valid: true, value: { n: 7 } });
  });

  test("gives issues with paths as a person writes them, and whether the value is absent", async () => {
    expect(await checkSchema(handMade, { rows: [] })).toEqual({
      valid: false,
      issues: [
        { path: "rows[3].n", message: "not a number", missing: true },
        { path: "", message: "at all", missing: false },
      ],
    });
    expect(await checkSchema(handMade, { rows: { 3: { n: "x" } } })).toMatchObject({
      issues: [{ missing: false }, {}],
    });
  });

  test("leaves a throw of the schema a throw", () => {
    const broken: Schema = {
      "~standard": {
        version: 1,
        vendor: "hand",
        validate: () => {
          throw new TypeError("bug");
        },
      },
    };
    expect(() => checkSchema(broken, 1)).toThrow("bug");
  });
});

describe("memberNames", () => {
  test.for([
    [z.object({ a: z.string(), b: z.int().optional() }), ["a", "b"]],
    [z.strictObject({ a: z.string() }), ["a"]],
    [z.object({}), []],
    [z.looseObject({ a: z.string() }), undefined],
    [z.object({ a: z.string() }).catchall(z.string()), undefined],
    [z.string(), undefined],
    [z.object({ f: z.custom<() => void>() }), undefined],
    [handMade, undefined],
  ] as const)("%#: %j", ([schema, expected], { skip }) => {
    skip(schema === undefined);
    expect(memberNames(schema)).toEqual(expected);
  });
});
