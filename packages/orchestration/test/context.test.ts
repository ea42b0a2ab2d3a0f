import type { Json, JsonObject, Reference } from "@spine/core";
import { expectErr } from "@spine/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Step, WorkflowContext } from "../src/index.ts";
import { openFlow, runFlow } from "./support/run-steps.ts";

const started = { isDryRun: false, parentRunId: undefined, batchId: undefined, partition: "2025-W46", asOf: undefined };
function contextOf(params: JsonObject = {}, metadata: JsonObject = {}): WorkflowContext {
  const run = {
    runId: "run_1",
    name: "test.flow",
    traceId: "run_1",
    executionId: "run_1",
    startedAt: "2025-12-20T00:00:00.000Z" as never,
    ...started,
  };
  return WorkflowContext.create({ run, params, metadata });
}

const name = fc.constantFrom("a", "b", "c", "__proto__", "then", "toJSON", "length");
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
type Change = {
  readonly kind: "output" | "update" | "metadata";
  readonly name: string;
  readonly value: Json;
  readonly from: number;
};
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("output", "update", "metadata"),
  name,
  value: json,
  from: fc.nat(),
});

function change1(context: WorkflowContext, { kind, name: key, value }: Change): WorkflowContext {
  if (kind === "output") return context.withOutput(key, value);
  if (kind === "metadata") return context.withMetadata(key, value);
  return context.withUpdates(Object.fromEntries([[key, value]]));
}

const snapshot = ({ params, outputs, metadata }: WorkflowContext): string =>
  JSON.stringify([params, outputs, metadata]);

describe("contexts", () => {
  it("never change, whatever is made of them", () => {
    fc.assert(
      fc.property(fc.dictionary(name, json), fc.array(change, { maxLength: 30 }), (params, changes) => {
        const made = [contextOf(params)];
        const before = [snapshot(made[0] as WorkflowContext)];
        for (const item of changes) {
          const next = change1(made[item.from % made.length] as WorkflowContext, item);
          made.push(next);
          before.push(snapshot(next));
        }
        expect(made.map(snapshot)).toEqual(before);
      }),
    );
  });

  it("show parameters and outputs as plain objects do: keys, in, spread, JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(name, json), fc.array(fc.tuple(name, json), { maxLength: 10 }), (params, outputs) => {
        let context = contextOf(params);
        const plain = new Map<string, Json>();
        for (const [step, output] of outputs) {
          context = context.withOutput(step, output);
          plain.set(step, output);
        }
        const expected = Object.fromEntries(plain);
        expect(Object.keys(context.outputs)).toEqual([...plain.keys()]);
        expect(JSON.stringify(context.outputs)).toBe(JSON.stringify(expected));
        expect(JSON.stringify({ ...context.params })).toBe(JSON.stringify(params));
        expect(Object.entries(context.outputs)).toEqual([...plain]);
        for (const key of ["a", "b", "__proto__", "toString"]) {
          expect(key in context.outputs).toBe(plain.has(key));
          expect(Object.hasOwn(context.outputs, key)).toBe(plain.has(key));
          expect(context.outputs[key]).toEqual(plain.get(key));
        }
        expect(context.outputsObject()).toEqual(expected);
      }),
    );
  });

  it("cannot be written to", () => {
    const context = contextOf({ tier: "OTC" }).withOutput("ingest", Object.freeze({ rows: 3 }));
    const params = context.params as Record<string, unknown>;
    expect(() => (params["tier"] = "T1")).toThrow(TypeError);
    expect(() => (params["extra"] = 1)).toThrow(TypeError);
    expect(() => delete params["tier"]).toThrow(TypeError);
    expect(() => Object.defineProperty(params, "tier", { value: "T1" })).toThrow(TypeError);
    expect(() => ((context.outputs as Record<string, unknown>)["ingest"] = {})).toThrow(TypeError);
    expect(() => ((context.run as { runId: string }).runId = "run_2")).toThrow(TypeError);
    expect(() => ((context as { run: unknown }).run = {})).toThrow(TypeError);
    expect(snapshot(context)).toBe('[{"tier":"OTC"},{"ingest":{"rows":3}},{}]');
  });

  it("a second output of a step replaces the first as a whole", () => {
    const context = contextOf().withOutput("a", { rows: 1, tier: "OTC" }).withOutput("a", { rows: 2 });
    expect(context.outputs).toEqual({ a: { rows: 2 } });
  });
});

describe("reading a context", () => {
  const context = contextOf({ limit: 0, tier: null, force: false }).withOutput("ingest", {
    rows: 0,
    note: null,
    list: [1],
  });

  it("gives a parameter, or the default when there is none", () => {
    expect(context.get("limit", 5)).toBe(0);
    expect(context.get("force", true)).toBe(false);
    expect(context.get("tier", "OTC")).toBeNull();
    expect(context.get("gone", 5)).toBe(5);
    expect(context.get("gone")).toBeUndefined();
    expect(context.get("toString", 5)).toBe(5);
  });

  it("gives an output or a member of it, or the default when there is none", () => {
    expect(context.getOutput("ingest")).toEqual({ rows: 0, note: null, list: [1] });
    expect(context.getOutput("ingest", "rows", 7)).toBe(0);
    expect(context.getOutput("ingest", "note", "none")).toBeNull();
    expect(context.getOutput("ingest", "gone", 7)).toBe(7);
    expect(context.getOutput("gone", "rows", 7)).toBe(7);
    expect(context.getOutput("gone")).toBeUndefined();
    expect(context.getOutput("ingest", "toString", 7)).toBe(7);
    expect([context.hasOutput("ingest"), context.hasOutput("gone")]).toEqual([true, false]);
  });

  it("a context without a store has nothing to load from", async () => {
    const reference: Reference = { $ref: "ref_1", sizeBytes: 1, contentHash: "" };
    await expectErr(context.load(reference), "REFERENCE_NOT_FOUND");
  });
});

it("a step finds the run's facts in its context", async () => {
  const { run } = await runFlow(
    [
      Step.lambda("look", ({ runId, traceId, executionId, batchId, partition, asOf, isDryRun }) => ({
        runId,
        traceId,
        executionId,
        batchId,
        partition,
        asOf,
        isDryRun,
      })),
    ],
    { run: { partition: "2025-W46", batchId: "batch_1", asOf: "2025-12-01T00:00:00Z" } },
  );
  expect(run.outputs["look"]).toEqual({
    runId: run.runId,
    traceId: run.runId,
    executionId: run.runId,
    batchId: "batch_1",
    partition: "2025-W46",
    asOf: "2025-12-01T00:00:00.000Z",
    isDryRun: false,
  });
});

it("a context that a step kept does not see what comes later", async () => {
  const kept: WorkflowContext[] = [];
  const steps = ["a", "b", "c"].map((step) =>
    Step.lambda(step, (context) => {
      kept.push(context);
      return { step };
    }),
  );
  const { spine } = await openFlow(steps);
  await spine.workflows.run("test.flow");
  expect(kept.map(({ outputs }) => Object.keys(outputs))).toEqual([[], ["a"], ["a", "b"]]);
});
