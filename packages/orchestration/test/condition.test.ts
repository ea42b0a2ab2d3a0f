import { SourceError } from "@spine/core";
import { describe, expect, it } from "vitest";
import { parseExpression, type Predicate, Step } from "../src/index.ts";
import { runFlow } from "./support/run-steps.ts";

/** Which way a choice of this condition goes, after a step `ingest` and with parameters. */
async function goes(when: string | Predicate): Promise<unknown> {
  const { run } = await runFlow(
    [
      Step.lambda("ingest", () => ({
        rows: 118,
        rejected: 0,
        mean: 2.5,
        symbols: ["SPY", "QQQ"],
        last: { close: 7 },
        note: null,
      })),
      Step.choice("route", { when, then: "yes", otherwise: "no" }),
      Step.lambda("yes", () => ({})),
      Step.lambda("no", () => ({})),
    ],
    { run: { params: { tier: "OTC", force: false, limit: 100 }, partition: "2025-W46" } },
  );
  if (run.error !== undefined) return run.error;
  return Object.keys(run.outputs).at(-1);
}

describe("an expression", () => {
  it.each([
    ["outputs.ingest.rejected == 0", "yes"],
    ["outputs.ingest.rejected > 0", "no"],
    ["outputs.ingest.rows >= 100 && !params.force", "yes"],
    ["outputs.ingest.rows >= params.limit", "yes"],
    // Numbers of JSON are doubles, and CEL has no sum of a double and an int: literals need a point.
    ["outputs.ingest.rows + 2.0 == 120.0", "yes"],
    ["outputs.ingest.mean > 2", "yes"],
    ["params.tier == 'T1' || params.tier == 'T2'", "no"],
    ["params.tier in ['T1', 'OTC']", "yes"],
    ["'QQQ' in outputs.ingest.symbols", "yes"],
    ["outputs.ingest.symbols.size() == 2", "yes"],
    ["outputs.ingest.last.close == 7", "yes"],
    ["outputs.ingest.note == null", "yes"],
    ["has(outputs.review) ? true : params.tier.startsWith('O')", "yes"],
    ["has(outputs.ingest.rows)", "yes"],
    ["run.partition == '2025-W46'", "yes"],
    ["run.isDryRun", "no"],
    ["'tier' in params", "yes"],
    ["outputs['ingest']['rows'] == 118", "yes"],
  ])("%s: %s", async (when, expected) => {
    expect(await goes(when)).toBe(expected);
  });

  it.each([
    ["outputs.review.rows > 0", "review"],
    ["params.weak == 1", "weak"],
  ])("about something that is not there fails the step: %s", async (when, name) => {
    const error = await goes(when);
    expect(error).toMatchObject({
      code: "CONDITION_FAILED",
      category: "ORCHESTRATION",
      context: { expression: JSON.stringify(when) },
    });
    expect((error as Error).message).toContain(name);
  });

  it("that turns out to be no condition fails the step, and says what it gave", async () => {
    const error = await goes("outputs.ingest.rows");
    expect(error).toMatchObject({ code: "CONDITION_FAILED" });
    expect((error as Error).message).toContain("it gives a number, not true or false");
  });

  it.each([
    ["outputs.ingest.rejected = 0", "="],
    ["output.ingest.rejected == 0", "Unknown variable: output"],
    ["params.limit * 2", "it is of type int, not true or false"],
    ["outputs.ingest.", ""],
    ["", ""],
    ["constructor.constructor('return 1')()", ""],
  ])("that cannot be read throws where it is written: %s", (when, said) => {
    expect(() => Step.choice("route", { when, then: "yes" })).toThrow(
      expect.objectContaining({ code: "WORKFLOW_INVALID", context: { step: "route", expression: when } }),
    );
    expect(() => Step.choice("route", { when, then: "yes" })).toThrow(JSON.stringify(when));
    expect(() => Step.choice("route", { when, then: "yes" })).toThrow(said);
  });

  it("can be read apart from any workflow", () => {
    expect(parseExpression("params.rows > 0").isOk()).toBe(true);
    expect(parseExpression("params.rows >").isErr()).toBe(true);
  });
});

describe("a function as condition", () => {
  it("sees the context", async () => {
    expect(
      await goes(({ outputs, params }) => (outputs["ingest"] as { rows: number }).rows > (params["limit"] as number)),
    ).toBe("yes");
    expect(await goes((context) => context.getOutput("ingest", "rejected", 1) > 0)).toBe("no");
  });

  it("that throws fails the step with the cause", async () => {
    const error = await goes(() => {
      throw new TypeError("x is not a function");
    });
    expect(error).toMatchObject({ code: "CONDITION_FAILED", cause: expect.any(TypeError) });
    expect((error as Error).message).toBe('Condition of step "route" could not be evaluated: x is not a function.');
  });

  it("that throws one of spine's errors fails with that error", async () => {
    const thrown = new SourceError("the calendar is not there");
    expect(
      await goes(() => {
        throw thrown;
      }),
    ).toBe(thrown);
  });

  it("that promises an answer fails the step, as every promise would be a yes", async () => {
    const when = (async () => false) as unknown as Predicate;
    expect(await goes(when)).toMatchObject({ code: "CONDITION_FAILED" });
  });
});

it("a choice whose condition fails stops the run there", async () => {
  const { run } = await runFlow([
    Step.choice("route", { when: "outputs.x.y > 0", then: "yes", otherwise: "no" }),
    Step.lambda("yes", () => ({})),
    Step.lambda("no", () => ({})),
  ]);
  expect(run).toMatchObject({ status: "FAILED", errorStep: "route", counts: { failed: 1, skipped: 2 } });
});
