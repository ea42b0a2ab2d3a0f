import { isReference, type Reference } from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult, workflow, WorkflowRunner } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { runFlow } from "./support/run-steps.ts";

describe("what JSON cannot keep", () => {
  it.each<[string, unknown, string]>([
    ["a Date", { rows: [{ when: new Date(0) }] }, "rows[0].when"],
    ["NaN", { mean: Number.NaN }, "mean"],
    ["a bigint", { total: { shares: 7n } }, "total.shares"],
    ["a function", { load: () => 1 }, "load"],
    ["a Map", { bySymbol: new Map() }, "bySymbol"],
    ["undefined in a list", { rows: [1, undefined] }, "rows[1]"],
  ])("in an output fails the step with the path: %s", async (_, output, path) => {
    const { run } = await runFlow([Step.lambda("count", () => output)]);
    expect(run.status).toBe("FAILED");
    expect(run.error).toMatchObject({ code: "NOT_JSON", category: "VALIDATION" });
    expect(run.error?.message).toContain(`Step "count", output: The value at ${path} `);
  });

  it("in updates fails the step and says that it is the updates", async () => {
    const { run } = await runFlow([Step.lambda("count", () => StepResult.ok({}, { updates: { when: new Date(0) } }))]);
    expect(run.error).toMatchObject({ code: "NOT_JSON" });
    expect(run.error?.message).toContain('Step "count", updates: The value at when is a Date');
  });

  it("in a pipeline's output fails the step as well", async () => {
    const ingest = stub("prices.ingest", () => ({ seen: new Set([1]) }));
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.error).toMatchObject({ code: "NOT_JSON" });
    expect(run.error?.message).toContain('Step "ingest", output: The value at seen is an instance of Set');
  });

  it("that contains itself is refused instead of followed for ever", async () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    const { run } = await runFlow([Step.lambda("count", () => loop)]);
    expect(run.error).toMatchObject({ code: "NOT_JSON" });
  });
});

describe("an object a step returned", () => {
  it("stays its owner's: it is not frozen, and changing it later does not change history", async () => {
    const output = { rows: [1, 2] };
    const updates = { tiers: ["OTC"] };
    const { run, spine } = await runFlow([
      Step.lambda("count", () => StepResult.ok(output, { updates })),
      Step.lambda("change", () => {
        output.rows.push(3);
        updates.tiers.push("T1");
      }),
      Step.lambda("look", ({ outputs, params }) => ({ rows: outputs["count"], tiers: params["tiers"] })),
    ]);
    expect(Object.isFrozen(output)).toBe(false);
    expect(Object.isFrozen(output.rows)).toBe(false);
    expect(run.outputs["look"]).toEqual({ rows: { rows: [1, 2] }, tiers: ["OTC"] });
    const [count] = await expectOk(spine.store.history.steps(run));
    expect(count).toMatchObject({ output: { rows: [1, 2] }, updates: { tiers: ["OTC"] } });
  });

  it("is frozen all through for the steps after it", async () => {
    const { run } = await runFlow([
      Step.lambda("count", () => ({ rows: [{ shares: 7 }] })),
      Step.lambda("spoil", (context) => {
        const [row] = context.getOutput<{ shares: number }[]>("count", "rows") ?? [];
        if (row !== undefined) row.shares = 8;
      }),
    ]);
    expect(run.error).toMatchObject({ code: "STEP_THREW" });
    expect(run.outputs["count"]).toEqual({ rows: [{ shares: 7 }] });
  });
});

const large = { text: "x".repeat(64 * 1024) };

describe("an output above 64 KiB", () => {
  it("travels as a reference, and context.load reads it", async () => {
    const { run, spine } = await runFlow([
      Step.lambda("read", () => large),
      Step.lambda("use", async (context) => {
        const loaded = await expectOk(context.load(context.outputs["read"] as unknown as Reference));
        return { length: (loaded as typeof large).text.length };
      }),
    ]);
    expect(run.outputs["use"]).toEqual({ length: 65_536 });
    expect(isReference(run.outputs["read"])).toBe(true);
    const [read] = await expectOk(spine.store.history.steps(run));
    expect(read?.output).toEqual({
      $ref: expect.stringMatching(/^ref_/),
      sizeBytes: 65_536 + '{"text":""}'.length,
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await expectOk(spine.store.references.get(read?.output as unknown as Reference))).toEqual(large);
  });

  it.each<[string, Parameters<typeof Step.lambda>[1]]>([
    ["a member", ({ outputs }) => ({ text: (outputs["read"] as typeof large).text })],
    ["a member by getOutput", (context) => ({ text: context.getOutput("read", "text") })],
  ])("is not taken for an empty one: reading %s says how to load it", async (_, handler) => {
    const { run } = await runFlow([Step.lambda("read", () => large), Step.lambda("use", handler)]);
    expect(run.error).toMatchObject({
      code: "OUTPUT_IS_REFERENCE",
      context: { step: "read", reference: expect.any(String) },
    });
    expect(run.error?.message).toContain('The output of step "read" is 65 KiB and kept by reference.');
    expect(run.error?.message).toContain("await context.load(");
  });

  it("can be passed on as the reference it is", async () => {
    const { run } = await runFlow([
      Step.lambda("read", () => large),
      Step.lambda("pass", ({ outputs }) => ({ source: outputs["read"], all: { ...outputs } })),
    ]);
    const { $ref } = run.outputs["read"] as Reference;
    expect(run.outputs["pass"]).toMatchObject({ source: { $ref }, all: { read: { $ref } } });
  });

  it("of exactly 64 KiB still travels itself", async () => {
    const fits = { text: "x".repeat(64 * 1024 - '{"text":""}'.length) };
    const { run } = await runFlow([Step.lambda("read", () => fits)]);
    expect(run.outputs["read"]).toEqual(fits);
  });

  it("counts bytes, not characters", async () => {
    const { run } = await runFlow([Step.lambda("read", () => ({ text: "é".repeat(40_000) }))]);
    expect(isReference(run.outputs["read"])).toBe(true);
  });

  it("may be a text", async () => {
    const { run } = await runFlow([Step.lambda("read", () => StepResult.ok("x".repeat(64 * 1024)))]);
    expect(isReference(run.outputs["read"])).toBe(true);
  });

  it("of a reference nobody has cannot be loaded", async () => {
    const { run } = await runFlow([
      Step.lambda("use", async (context) => {
        const gone = { $ref: "ref_gone", sizeBytes: 1, contentHash: "" };
        return { code: (await expectErr(context.load(gone), "REFERENCE_NOT_FOUND")).code };
      }),
    ]);
    expect(run.status).toBe("COMPLETED");
  });

  it("stays itself in a runner that has no store to keep it in", async () => {
    const reads = workflow("test.flow")
      .lambda("read", () => large)
      .build();
    const run = await expectOk(new WorkflowRunner().run(reads));
    expect(run.outputs.read).toEqual(large);
  });
});
