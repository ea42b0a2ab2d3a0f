import { defineGroup, type OutputOfKey, type ParamsOfKey, Step, workflow } from "@spine/orchestration";
import { describe, expectTypeOf, it } from "vitest";
import type { finraOtc } from "../src/index.ts";

describe("with the plugin imported", () => {
  it("is a plugin", () => {
    expectTypeOf<typeof finraOtc>().toHaveProperty("contributions");
  });

  it("knows parameters and outputs by key", () => {
    expectTypeOf<ParamsOfKey<"finra.otc.ingest_week">>().toHaveProperty("file").toEqualTypeOf<string | undefined>();
    expectTypeOf<OutputOfKey<"finra.otc.ingest_week">>().toHaveProperty("recordCount").toEqualTypeOf<number>();
    expectTypeOf<OutputOfKey<"finra.otc.venue_share">>().toHaveProperty("topVenue").toEqualTypeOf<string | null>();
  });

  it("accepts what is right", () => {
    const built = workflow("finra.test")
      .pipeline("ingest", "finra.otc.ingest_week", { params: { file: "otc.csv", tier: "OTC" } })
      .lambda("check", ({ outputs }) => ({ records: outputs.ingest.recordCount }))
      .pipeline("rolling", "finra.otc.rolling", { params: { weeks: 13 } })
      .lambda("tell", ({ outputs }) => {
        expectTypeOf(outputs.check.records).toEqualTypeOf<number>();
        expectTypeOf(outputs.rolling.missingWeeks).toEqualTypeOf<string[]>();
      })
      .build();
    expectTypeOf(built).toHaveProperty("steps");
    expectTypeOf(Step.pipeline("any", Step.dynamic("not.declared"))).toHaveProperty("name");
  });

  it("refuses a misspelt output", () => {
    const begun = workflow("finra.test").pipeline("ingest", "finra.otc.ingest_week");
    expectTypeOf(begun).toHaveProperty("lambda");
    // @ts-expect-error -- recordCount
    begun.lambda("check", ({ outputs }) => outputs.ingest.recordsCount > 0);
    // @ts-expect-error -- ingest
    begun.lambda("check", ({ outputs }) => outputs.ingset.recordCount > 0);
  });

  it("refuses a wrong parameter", () => {
    expectTypeOf<ParamsOfKey<"finra.otc.rolling">>().toHaveProperty("weeks");
    // @ts-expect-error -- weeks is a number
    Step.pipeline("rolling", "finra.otc.rolling", { params: { weeks: "six" } });
    // @ts-expect-error -- weeks
    Step.pipeline("rolling", "finra.otc.rolling", { params: { windowWeeks: 6 } });
    // @ts-expect-error -- a tier is one of three
    workflow("finra.test").pipeline("ingest", "finra.otc.ingest_week", { params: { tier: "tier 1" } });
  });

  it("refuses a wrong key", () => {
    expectTypeOf<"finra.otc.ingest_week">().toExtend<Parameters<typeof Step.pipeline>[1]>();
    // @ts-expect-error -- finra.otc.ingest_week
    Step.pipeline("ingest", "finra.otc.ingset_week");
    // @ts-expect-error -- finra.otc.ingest_week
    workflow("finra.test").pipeline("ingest", "finra.otc.ingset_week");
    // @ts-expect-error -- finra.otc.ingest_week
    defineGroup({ name: "g", steps: [{ name: "ingest", pipeline: "finra.otc.ingset_week" }] });
  });
});
