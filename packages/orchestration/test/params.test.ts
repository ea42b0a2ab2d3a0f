import { BadParamsError, definePipeline, PipelineError } from "@spine/core";
import { expectErr } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Step, StepResult } from "../src/index.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openFlow, runFlow, type Steps } from "./support/run-steps.ts";

const look: Steps = [Step.lambda("look", ({ params }) => ({ ...params }))];
const weekly = z.object({ week: z.iso.date(), limit: z.int().default(10) });

describe("parameters of a run", () => {
  it("win over the workflow's defaults", async () => {
    const { run } = await runFlow(look, { defaults: { tier: "OTC", force: false }, run: { params: { tier: "T1" } } });
    expect(run.outputs["look"]).toEqual({ tier: "T1", force: false });
  });

  it("that are undefined leave the default as it is", async () => {
    const { run } = await runFlow(look, { defaults: { tier: "OTC" }, run: { params: { tier: undefined } } });
    expect(run.outputs["look"]).toEqual({ tier: "OTC" });
  });

  it("replace a nested default as a whole", async () => {
    const { run } = await runFlow(look, {
      defaults: { filter: { a: 1, b: 2 } },
      run: { params: { filter: { b: 3 } } },
    });
    expect(run.outputs["look"]).toEqual({ filter: { b: 3 } });
  });

  it("are parsed by the schema, whose own defaults come in", async () => {
    const { run } = await runFlow(look, { schema: weekly, run: { params: { week: "2025-11-14" } } });
    expect(run.outputs["look"]).toEqual({ week: "2025-11-14", limit: 10 });
  });

  it("are parsed by a schema that has to wait", async () => {
    const schema = z.object({ week: z.string().transform(async (week) => `${week}!`) });
    const { run } = await runFlow(look, { schema, run: { params: { week: "2025-11-14" } } });
    expect(run.outputs["look"]).toEqual({ week: "2025-11-14!" });
  });

  it("stay the caller's: they are not frozen, and changing them later changes nothing", async () => {
    const symbols = ["SPY"];
    const { run } = await runFlow(
      [Step.lambda("change", () => void symbols.push("QQQ")), Step.lambda("look", ({ params }) => ({ ...params }))],
      { run: { params: { symbols } } },
    );
    expect(symbols).toEqual(["SPY", "QQQ"]);
    expect(run.outputs["look"]).toEqual({ symbols: ["SPY"] });
  });
});

describe("a run that cannot start", () => {
  it("lists every missing and wrong parameter, and nothing is recorded", async () => {
    const schema = z.object({ week: z.iso.date(), file: z.string(), limit: z.int() });
    const { spine } = await openFlow(look, { schema });
    const error = await expectErr(spine.workflows.run("test.flow", { params: { week: "soon" } }), "PARAMS_INVALID");
    expect(error).toBeInstanceOf(BadParamsError);
    expect(error).toMatchObject({ missing: ["file", "limit"], invalid: { week: expect.any(String) } });
    expect(error.message).toMatch(
      /^Workflow "test\.flow": Missing required parameters: file, limit\. Invalid parameter "week": /,
    );
    expect((await spine.store.history.list({}))._unsafeUnwrap()).toEqual([]);
  });

  it("names the nearest of the parameters there are", async () => {
    const { spine } = await openFlow(look, { schema: weekly });
    const params = { week: "2025-11-14", limt: 3 };
    const error = await expectErr(spine.workflows.run("test.flow", { params }), "PARAMS_INVALID");
    expect(error.message).toBe('Workflow "test.flow": "limt" is not a parameter. Did you mean "limit"?');
  });

  it("says where a parameter is not JSON", async () => {
    const { spine } = await openFlow(look);
    const error = await expectErr(spine.workflows.run("test.flow", { params: { since: new Date(0) } }), "NOT_JSON");
    expect(error.message).toContain("The value at since is a Date");
  });

  it("says that asOf is not a point in time", async () => {
    const { spine } = await openFlow(look);
    await expectErr(spine.workflows.run("test.flow", { asOf: "2025-12-20" }), "INSTANT_INVALID");
  });
});

describe("parameters no schema of the workflow knows", () => {
  const ingest = definePipeline({
    key: "prices.ingest",
    params: z.object({ symbol: z.string() }),
    run: ({ params }) => params,
  });
  const steps: Steps = [Step.pipeline("ingest", keyOf(ingest))];

  it("are allowed when one of its pipelines takes them", async () => {
    const params = { week: "2025-11-14", symbol: "SPY" };
    const { run } = await runFlow(steps, { schema: weekly, pipelines: [ingest], run: { params } });
    expect(run.outputs["ingest"]).toEqual({ symbol: "SPY" });
  });

  it("are allowed when the workflow has a default for them", async () => {
    const params = { week: "2025-11-14", note: "by hand" };
    const { run } = await runFlow(look, { schema: weekly, defaults: { note: "" }, run: { params } });
    expect(run.outputs["look"]).toMatchObject({ note: "by hand" });
  });

  it("are allowed when one of its pipelines takes anything", async () => {
    const any = stub("prices.any");
    const params = { week: "2025-11-14", whatever: 1 };
    const { run } = await runFlow([Step.pipeline("any", keyOf(any))], {
      schema: weekly,
      pipelines: [any],
      run: { params },
    });
    expect(run.status).toBe("COMPLETED");
  });
});

describe("parameters of a pipeline step", () => {
  const ingest = definePipeline({
    key: "prices.ingest",
    params: z.object({ symbol: z.string(), limit: z.int().default(5) }),
    run: ({ params }) => params,
  });

  it("come from the context by name, those of the step win, and what the schema does not know stays outside", async () => {
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest), { params: { limit: 7 } })], {
      pipelines: [ingest],
      run: { params: { symbol: "SPY", limit: 3, note: "x" } },
    });
    expect(run.outputs["ingest"]).toEqual({ symbol: "SPY", limit: 7 });
  });

  it("that are missing fail the step with the pipeline's name", async () => {
    const { run } = await runFlow([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(run.status).toBe("FAILED");
    expect(run.error).toBeInstanceOf(PipelineError);
    expect(run.error).toMatchObject({ code: "PARAMS_INVALID", context: { pipeline: "prices.ingest", step: "ingest" } });
    expect(run.error?.message).toBe('Pipeline "prices.ingest": Missing required parameters: symbol.');
  });
});

describe("updates of a step", () => {
  it("merge into the parameters of all steps after it, the last one wins", async () => {
    const { run } = await runFlow(
      [
        Step.lambda("first", () => StepResult.ok({}, { updates: { tier: "T1", rows: 3 } })),
        Step.lambda("second", () => StepResult.ok({}, { updates: { rows: 4 } })),
        ...look,
      ],
      { run: { params: { tier: "OTC", week: "2025-11-14" } } },
    );
    expect(run.outputs["look"]).toEqual({ tier: "T1", week: "2025-11-14", rows: 4 });
  });

  it("of a step that skipped count, those of a step that failed do not", async () => {
    const { run } = await runFlow([
      Step.lambda("skips", () => StepResult.skip("nothing new", { updates: { fresh: false } })),
      Step.lambda("fails", () => StepResult.fail("no", { updates: { fresh: true } }), { onError: "continue" }),
      ...look,
    ]);
    expect(run.outputs["look"]).toEqual({ fresh: false });
  });
});
