import { definePipeline, parseOutput, parseParams, refuseUnknownParams } from "@spine/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const subject = 'Pipeline "finra.otc.ingest_week"';
const week = z.object({ week: z.iso.date(), tier: z.enum(["T1", "T2"]).default("T1"), limit: z.int().optional() });

describe("parseParams", () => {
  test("gives what the schema makes of them", async () => {
    const given = { week: "2025-11-14" };
    expect((await parseParams(week, given, { subject }))._unsafeUnwrap()).toEqual({ week: "2025-11-14", tier: "T1" });
    expect(given).toEqual({ week: "2025-11-14" });
  });

  test("passes everything through without a schema", async () => {
    expect((await parseParams(undefined, { any: 1 }, { subject }))._unsafeUnwrap()).toEqual({ any: 1 });
  });

  test("lists every missing and every wrong parameter, in text and fields", async () => {
    const schema = z.object({ week: z.string(), file: z.string(), rows: z.object({ max: z.int() }) });
    const options = { subject, context: { runId: "run_1" } };
    const error = (await parseParams(schema, { rows: { max: "many" } }, options))._unsafeUnwrapErr();
    expect(error.code).toBe("PARAMS_INVALID");
    expect(error.missing).toEqual(["week", "file"]);
    expect(Object.keys(error.invalid)).toEqual(["rows.max"]);
    expect(error.message).toMatch(
      /^Pipeline "finra\.otc\.ingest_week": Missing required parameters: week, file\. Invalid parameter "rows\.max": .+\.$/,
    );
    expect(error.context).toEqual({ runId: "run_1" });
  });

  test("says it when the parameters as a whole are no object", async () => {
    const error = (await parseParams(week, "2025-11-14", { subject }))._unsafeUnwrapErr();
    expect(error.message).toMatch(/^Pipeline "finra\.otc\.ingest_week": .*expected object/);
    expect(error.missing).toEqual([]);
  });

  test("waits for a schema that needs time", async () => {
    const schema = z.object({ file: z.string().refine(async (file) => file !== "gone.csv", "is not there") });
    expect((await parseParams(schema, { file: "here.csv" }, { subject })).isOk()).toBe(true);
    const error = (await parseParams(schema, { file: "gone.csv" }, { subject }))._unsafeUnwrapErr();
    expect(error.invalid).toEqual({ file: "is not there" });
  });
});

describe("parseOutput", () => {
  const pipeline = definePipeline({ key: "a.b", output: z.object({ rows: z.int() }), run: () => ({ rows: 1 }) });

  test("checks what a pipeline returned", async () => {
    expect((await parseOutput(pipeline, { rows: 3 }))._unsafeUnwrap()).toEqual({ rows: 3 });
    const error = (await parseOutput(pipeline, { rows: "3" }))._unsafeUnwrapErr();
    expect(error).toMatchObject({ code: "OUTPUT_INVALID", context: { pipeline: "a.b" } });
    expect(error.message).toMatch(/^Pipeline "a\.b" returned what its output schema does not allow: rows: .+\.$/);
  });

  test("lets anything pass without a schema", async () => {
    const open = definePipeline({ key: "a.c", run: () => "anything" });
    expect((await parseOutput(open, "anything"))._unsafeUnwrap()).toBe("anything");
  });
});

describe("refuseUnknownParams", () => {
  test("names each unknown parameter and the nearest known one", () => {
    const error = refuseUnknownParams([week], { wek: "2025-11-14", zzz: 1 }, { subject })._unsafeUnwrapErr();
    expect(error.message).toBe(
      `${subject}: "wek" is not a parameter. Did you mean "week"? "zzz" is not a parameter. Known: "week", "tier", "limit".`,
    );
    expect(error).toMatchObject({ code: "PARAMS_INVALID", invalid: { wek: "unknown", zzz: "unknown" } });
  });

  test("takes what any of several schemas knows", () => {
    const other = z.object({ symbol: z.string() });
    expect(refuseUnknownParams([week, other], { week: "x", symbol: "A" }, { subject }).isOk()).toBe(true);
  });

  test.for([
    ["takes any name", [week, z.looseObject({})]],
    ["cannot tell its names", [week, z.any()]],
    ["is not there", [week, undefined]],
  ] as const)("keeps silent when a schema %s", ([, schemas]) => {
    expect(refuseUnknownParams(schemas, { anything: 1 }, { subject }).isOk()).toBe(true);
  });
});
