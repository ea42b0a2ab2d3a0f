import { definePipeline, pipelineKey, type PipelinesOf } from "@spine/core";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { defineGroup, type Spine, Step, workflow } from "../src/index.ts";

const fetchDaily = definePipeline({
  key: "typed.fetch_daily",
  params: z.object({ symbol: z.string(), limit: z.int().optional() }),
  output: z.object({ rows: z.int(), last: z.string().nullable() }),
  run: () => ({ rows: 3, last: null }),
});
const ping = definePipeline({ key: "typed.ping", run: () => ({ pong: true }) });
const pipelines = [fetchDaily, ping] as const;

// Holds for all of this project: once any key is declared, others need Step.dynamic or keyOf.
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

describe("a declared pipeline key", () => {
  it("gives its output to the steps after it", () => {
    workflow("prices.daily")
      .pipeline("fetch", "typed.fetch_daily")
      .lambda("check", ({ outputs }) => {
        expectTypeOf(outputs.fetch).toEqualTypeOf<{ rows: number; last: string | null }>();
        // @ts-expect-error a member that the output has not
        return outputs.fetch.row > 0;
      });
  });

  it("gives the output of a pipeline without a schema as what its function returns", () => {
    workflow("prices.daily")
      .pipeline("ping", "typed.ping")
      .lambda("check", ({ outputs }) => {
        expectTypeOf(outputs.ping.pong).toEqualTypeOf<boolean>();
      });
  });

  it("is checked in every place that names one", () => {
    // @ts-expect-error misspelt
    workflow("prices.daily").pipeline("fetch", "typed.fetch_dayly");
    // @ts-expect-error misspelt
    Step.pipeline("fetch", "typed.fetch_dayly");
    // @ts-expect-error misspelt
    defineGroup({ name: "g", steps: [{ name: "fetch", pipeline: "typed.fetch_dayly" }] });
    defineGroup({ name: "g", steps: [{ name: "fetch", pipeline: "typed.fetch_daily" }] });
    expectTypeOf<Spine["pipelines"]["run"]>().toBeCallableWith("typed.fetch_daily");
    // @ts-expect-error misspelt
    expectTypeOf<Spine["pipelines"]["run"]>().toBeCallableWith("typed.fetch_dayly");
  });

  it("checks the names and types of parameters", () => {
    workflow("prices.daily").pipeline("fetch", "typed.fetch_daily", { params: { limit: 3 } });
    // @ts-expect-error misspelt
    workflow("prices.daily").pipeline("fetch", "typed.fetch_daily", { params: { limt: 3 } });
    // @ts-expect-error another type
    workflow("prices.daily").pipeline("fetch", "typed.fetch_daily", { params: { limit: "3" } });
    expectTypeOf(Step.pipeline("fetch", "typed.fetch_daily", { params: { symbol: "SPY" } })).not.toBeAny();
    // @ts-expect-error misspelt
    Step.pipeline("fetch", "typed.fetch_daily", { params: { symbl: "SPY" } });
  });
});

describe("a key that no type declares", () => {
  it("is named by Step.dynamic, and its output is unknown", () => {
    workflow("prices.daily")
      .pipeline("fetch", Step.dynamic("from.yaml"), { params: { anything: 1 } })
      .lambda("check", ({ outputs }) => {
        expectTypeOf(outputs.fetch).toEqualTypeOf<unknown>();
        // @ts-expect-error nothing is known of it
        return outputs.fetch.rows;
      });
    defineGroup({ name: "g", steps: [{ name: "fetch", pipeline: Step.dynamic("from.yaml") }] });
    expectTypeOf<Spine["pipelines"]["run"]>().toBeCallableWith(Step.dynamic("from.yaml"));
  });

  it("may carry its types itself", () => {
    const key = pipelineKey<{ week: string }, { rows: number }>("branded.ingest");
    workflow("prices.daily")
      .pipeline("ingest", key, { params: { week: "2025-11-14" } })
      .lambda("check", ({ outputs }) => {
        expectTypeOf(outputs.ingest).toEqualTypeOf<{ rows: number }>();
      });
    // @ts-expect-error misspelt
    workflow("prices.daily").pipeline("ingest", key, { params: { wek: "2025-11-14" } });
    defineGroup({ name: "g", steps: [{ name: "ingest", pipeline: key }] });
  });
});
