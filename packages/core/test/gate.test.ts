import {
  type Check,
  type CheckContext,
  type CheckVerdict,
  defineCheck,
  defineGate,
  err,
  errAsync,
  evaluateGate,
  gateError,
  okAsync,
} from "@spine/core";
import { buildSlot } from "@spine/testkit";
import { describe, expect, test } from "vitest";

const context: CheckContext = {
  slot: buildSlot(),
  captureId: "cap_000001",
  subject: undefined,
  history: () => okAsync([]),
  sql: { execute: () => okAsync({ rows: [], rowsAffected: 0 }), insert: () => okAsync(0) },
};

const pass: CheckVerdict = { status: "PASS", message: "fine" };
const warn: CheckVerdict = { status: "WARN", message: "odd" };
const fail: CheckVerdict = { status: "FAIL", message: "Wrong.", actual: 3, expected: { min: 5 } };

function check(name: string, verdict: CheckVerdict): Check {
  return defineCheck({ name, category: "INTEGRITY", check: () => verdict });
}

describe("a gate", () => {
  test.for([
    [[pass], {}, "PASS"],
    [[pass, warn], {}, "WARN"],
    [[warn], { onWarn: "quarantine" }, "QUARANTINE"],
    [[warn, fail], {}, "BLOCK"],
    [[fail], { onFail: "quarantine" }, "QUARANTINE"],
    [[fail, warn], { onFail: "block", onWarn: "quarantine" }, "BLOCK"],
  ] as const)("of %j with %j decides %s", async ([verdicts, options, decision]) => {
    const checks = verdicts.map((verdict, index) => check(`check${index}`, verdict));
    const verdict = await evaluateGate(defineGate({ name: "prices", checks, ...options }), context);
    expect(verdict.decision).toBe(decision);
  });

  test("runs all checks in their order, whatever the ones before say", async () => {
    const gate = defineGate({ name: "prices", checks: [check("b", fail), check("a", pass), check("c", warn)] });
    const { results, failures } = await evaluateGate(gate, context);
    expect(results.map((result) => [result.check, result.verdict.status])).toEqual([
      ["b", "FAIL"],
      ["a", "PASS"],
      ["c", "WARN"],
    ]);
    expect(failures.map((result) => result.check)).toEqual(["b"]);
  });

  test.for([
    ["throws", () => Promise.reject(new Error("no such column"))],
    [
      "throws at once",
      () => {
        throw new Error("no such column");
      },
    ],
    ["returns an Err", () => err(new Error("no such column"))],
    ["returns an ErrAsync", () => errAsync(new Error("no such column"))],
  ] as const)("fails by a check that %s, with its text", async ([, run]) => {
    const gate = defineGate({
      name: "prices",
      checks: [{ name: "sums", category: "BUSINESS_RULE", check: run }, check("after", pass)],
    });
    const verdict = await evaluateGate(gate, context);
    expect(verdict.decision).toBe("BLOCK");
    expect(verdict.failures[0]?.verdict.message).toBe("no such column");
    expect(verdict.results).toHaveLength(2);
  });

  test("fails by a check that returns no verdict", async () => {
    const gate = defineGate({
      name: "prices",
      checks: [{ name: "sums", category: "INTEGRITY", check: () => true as never }],
    });
    const { failures } = await evaluateGate(gate, context);
    expect(failures[0]?.verdict.message).toContain("no verdict");
  });

  test("keeps values that JSON has not as text", async () => {
    const gate = defineGate({
      name: "prices",
      checks: [check("sums", { status: "WARN", message: "odd", actual: Number.NaN })],
    });
    const { results } = await evaluateGate(gate, context);
    expect(results[0]?.verdict.actual).toBe("NaN");
  });

  test("says as an error what failed, with what it was and what it should have been", async () => {
    const gate = defineGate({
      name: "prices",
      checks: [check("rows", fail), check("sums", pass), check("dates", { ...fail, message: "late" })],
    });
    const error = gateError(await evaluateGate(gate, context));
    expect(error.code).toBe("QUALITY_GATE_FAILED");
    expect(error.message).toBe(
      'Gate "prices" refused the data (BLOCK): rows: Wrong (actual 3, expected {"min":5}); dates: late (actual 3, expected {"min":5}).',
    );
    expect(error.context).toMatchObject({ gate: "prices", checks: [{ check: "rows" }, { check: "dates" }] });
  });

  test.for([
    [{ name: "prices", checks: [check("a", pass), check("a", fail)] }, "KEY_DUPLICATE"],
    [{ name: "prices", checks: [] }, "CONFIG_INVALID"],
    [{ name: "the prices", checks: [check("a", pass)] }, "KEY_INVALID"],
  ] as const)("cannot be defined as %j: %s", ([definition, code]) => {
    expect(() => defineGate(definition)).toThrow(expect.objectContaining({ code }));
  });

  test("has checks with names", () => {
    expect(() => check("not a name", pass)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
  });
});
