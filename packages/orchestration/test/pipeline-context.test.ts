import { definePipeline, memory, ok, type PipelineContext } from "@spine/core";
import { capturingLogger, expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { createSpine, WorkflowRunner } from "../src/index.ts";
import { openSpine } from "./support/open-spine.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { runPipeline } from "./support/run-pipeline.ts";
import { flow } from "./support/run-steps.ts";
import { Step } from "../src/index.ts";

describe("what a pipeline is given", () => {
  it("says which attempt of which step of which run it is, as of when and for which partition", async () => {
    const seen: Pick<PipelineContext, "run" | "partition" | "asOf">[] = [];
    const { run } = await runPipeline(
      ({ run: facts, partition, asOf }) => void seen.push({ run: facts, partition, asOf }),
      {
        run: { partition: "2025-W46", asOf: "2025-12-01T00:00:00Z", batchId: "batch_1" },
      },
    );
    expect(seen).toEqual([
      {
        run: {
          runId: run.runId,
          name: "test.flow",
          step: "ingest",
          attempt: 1,
          idempotencyKey: `${run.runId}:ingest`,
          executionId: run.runId,
          traceId: run.runId,
          batchId: "batch_1",
          parentRunId: undefined,
        },
        partition: "2025-W46",
        asOf: "2025-12-01T00:00:00.000Z",
      },
    ]);
  });

  it("has a log whose lines say where they come from", async () => {
    const logger = capturingLogger();
    const { run } = await runPipeline(({ log }) => log.info("3 rows", { rows: 3 }), { spine: { logger } });
    expect(logger.lines).toEqual([
      {
        level: "info",
        message: "3 rows",
        fields: { runId: run.runId, step: "ingest", pipeline: "prices.ingest", rows: 3 },
      },
    ]);
  });

  it("cannot be changed", async () => {
    const { run } = await runPipeline((context) => {
      (context as { params: unknown }).params = {};
    });
    expect(run.error).toMatchObject({ code: "STEP_THREW" });
  });

  it("has no SQL on a store without SQL", async () => {
    const { run } = await runPipeline(async ({ sql }) => ({
      code: (await expectErr(sql.execute("select 1"), "SQL_UNAVAILABLE")).code,
    }));
    expect(run.outputs["ingest"]).toEqual({ code: "SQL_UNAVAILABLE" });
  });

  it("has the services of the host's parts, made for each attempt", async () => {
    const part = {
      name: "greeter",
      start: () =>
        ok({
          api: undefined,
          services: {
            greet:
              ({ run }: PipelineContext) =>
              () =>
                `hello from ${run.step}`,
          },
        }),
    } as const;
    const greets = definePipeline({
      key: "prices.greets",
      needs: ["greet"],
      run: (context) => ({ said: (context as unknown as { greet: () => string }).greet() }),
    });
    const spine = await expectOk(createSpine({ store: memory(), pipelines: [greets], parts: [part] }));
    const run = await expectOk(spine.pipelines.run(keyOf(greets)));
    expect(run.outputs).toEqual({ greets: { said: "hello from greets" } });
    await expectOk(spine.close());
  });

  it("that needs a part which is not there is refused before anything starts", async () => {
    const reads = { ...stub("prices.reads"), needs: ["sources"] };
    const { spine } = await openSpine({ pipelines: [reads] });
    const error = await expectErr(spine.pipelines.run(keyOf(reads)), "CAPABILITY_MISSING");
    expect(error.message).toBe(
      'Pipeline "prices.reads" needs sources, which the memory store has not. Add the part that offers sources to `parts`.',
    );
  });
});

describe("a single pipeline", () => {
  it("runs as a run of one step, named after the last word of its key", async () => {
    const ingest = stub("prices/otc.ingest_week", ({ params }) => ({ params: params as object }));
    const { spine } = await openSpine({ pipelines: [ingest] });
    const run = await expectOk(spine.pipelines.run(keyOf(ingest), { params: { week: "2025-11-14" } }));
    expect(run).toMatchObject({ kind: "pipeline", name: "prices/otc.ingest_week", status: "COMPLETED" });
    expect(run.outputs).toEqual({ ingest_week: { params: { week: "2025-11-14" } } });
    expect(await expectOk(spine.store.history.get(run))).toMatchObject({
      kind: "pipeline",
      counts: { total: 1, completed: 1 },
    });
  });
});

describe("a runner without a store", () => {
  it("runs pipelines that measure and tell their progress; nothing of it is kept", async () => {
    const ingest = stub("prices.ingest", ({ quality, progress }) => {
      quality({ recordCount: 3 });
      progress(0.5);
      return { rows: 3 };
    });
    const runner = new WorkflowRunner({ pipelines: [ingest] });
    const run = await expectOk(runner.run(flow([Step.pipeline("ingest", keyOf(ingest))])));
    expect(run).toMatchObject({ status: "COMPLETED", outputs: { ingest: { rows: 3 } } });
    await expectOk(runner.close());
  });
});
