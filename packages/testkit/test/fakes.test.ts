import { errAsync, okAsync, SpineError } from "@spine/core";
import { capturingLogger, countingIds, expectErr, expectOk } from "@spine/testkit";
import { expect, test } from "vitest";

test("counting ids are the same each time, in order, and each prefix counts for itself", () => {
  const ids = countingIds();
  expect([ids.next("run"), ids.next("exec"), ids.next("run")]).toEqual(["run_000001", "exec_000001", "run_000002"]);
  expect(countingIds().next("run")).toBe("run_000001");
});

test("a capturing logger keeps its lines and those of its children, with the fields of both", () => {
  const log = capturingLogger();
  log.info("one");
  const child = log.child({ runId: "run_1", step: "a" });
  child.warn("two", { step: "b" });
  child.child({ attempt: 2 }).error("three");
  log.debug("four", { rows: 1 });
  expect(log.lines).toEqual([
    { level: "info", message: "one", fields: {} },
    { level: "warn", message: "two", fields: { runId: "run_1", step: "b" } },
    { level: "error", message: "three", fields: { runId: "run_1", step: "a", attempt: 2 } },
    { level: "debug", message: "four", fields: { rows: 1 } },
  ]);
});

test("expectOk gives the value, or throws the error", async () => {
  expect(await expectOk(okAsync(1))).toBe(1);
  const error = new SpineError("INTERNAL", "x");
  await expect(expectOk(errAsync(error))).rejects.toBe(error);
});

test("expectErr gives the error, and fails for another code or an Ok", async () => {
  const error = new SpineError("INTERNAL", "x");
  expect(await expectErr(errAsync(error), "INTERNAL")).toBe(error);
  await expect(expectErr(errAsync(error), "UNKNOWN")).rejects.toThrow("UNKNOWN");
  await expect(expectErr(okAsync({ n: 1 }), "INTERNAL")).rejects.toThrow("expected INTERNAL, but it was Ok: { n: 1 }");
});
