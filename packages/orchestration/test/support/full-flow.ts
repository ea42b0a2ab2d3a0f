import {
  type AttemptFacts,
  type Json,
  type Pipeline,
  type PipelineContext,
  type Reference,
  SourceUnavailableError,
} from "@spine/core";
import { expectOk } from "@spine/testkit";
import { defineGroup, type Group, Step, StepResult, type Workflow } from "../../src/index.ts";
import { keyOf, stub } from "./pipelines.ts";
import { flow } from "./run-steps.ts";

export interface FullFlow {
  readonly workflow: Workflow;
  readonly pipelines: readonly Pipeline[];
  readonly groups: readonly Group[];
  /** Each time a step's code began: `ingest`, `all.first`, in order. */
  readonly begun: readonly string[];
  /** What each attempt of a pipeline was told of itself. */
  readonly facts: readonly AttemptFacts[];
}

/** A workflow `test.flow` with a step of every kind, and what its code did. */
export function fullFlow(): FullFlow {
  const begun: string[] = [];
  const facts: AttemptFacts[] = [];
  const noting = (key: string, work: (context: PipelineContext) => unknown): Pipeline =>
    stub(key, (context) => {
      const { run } = context;
      begun.push(run.parentRunId === undefined ? run.step : `all.${run.step}`);
      facts.push(run);
      return work(context);
    });
  const lambda = (name: string, handler: Parameters<typeof Step.lambda>[1]): ReturnType<typeof Step.lambda> =>
    Step.lambda(name, (context, config) => {
      begun.push(name);
      return handler(context, config);
    });

  const ingest = noting("prices.ingest", (context) => capture(context, "INGEST"));
  const load = noting("prices.load", ({ run, params }) => {
    if (run.attempt === 1) throw new SourceUnavailableError("not now");
    return { loaded: 3, tier: (params as { tier: string }).tier };
  });
  const first = noting("prices.first", () => ({ first: true }));
  const second = noting("prices.second", (context) => capture(context, "NORMALIZE"));
  const last = noting("prices.last", ({ params }) => ({ last: params as Json }));

  const weekly = defineGroup({
    name: "weekly",
    defaults: { limit: 5 },
    steps: [
      { name: "first", pipeline: keyOf(first) },
      { name: "second", pipeline: keyOf(second) },
      { name: "last", pipeline: keyOf(last), dependsOn: ["first", "second"], params: { limit: 7 } },
    ],
    policy: { execution: "parallel" },
  });

  const workflow = flow([
    lambda("plan", () =>
      StepResult.ok(
        { weeks: 2 },
        { updates: { tier: "T1" }, quality: { passed: true }, events: [{ type: "prices.planned" }] },
      ),
    ),
    Step.pipeline("ingest", keyOf(ingest)),
    Step.choice("route", { when: "outputs.ingest.rows > 2", then: "big", otherwise: "small", join: "load" }),
    lambda("big", ({ params }) => ({ tier: params["tier"] })),
    lambda("small", () => ({ never: true })),
    Step.pipeline("load", keyOf(load), { retry: { maxAttempts: 5, delayMs: 10, jitter: 0 } }),
    lambda("read", () => ({ text: "x".repeat(70_000) })),
    lambda("nothing", () => StepResult.skip("nothing to do", { updates: { skipped: true } })),
    Step.group("all", "weekly"),
    lambda("sum", async (context) => {
      const { text } = (await expectOk(context.load(context.outputs["read"] as unknown as Reference))) as {
        text: string;
      };
      return { length: text.length, steps: Object.keys(context.outputs).toSorted(), params: { ...context.params } };
    }),
  ]);
  return { workflow, pipelines: [ingest, load, first, second, last], groups: [weekly], begun, facts };
}

/** Captures three rows of a partition, of which one is refused, and ends with `commit`. */
async function capture({ capture: captures, commit, anomaly }: PipelineContext, stage: string): Promise<unknown> {
  const running = await expectOk(captures.begin({ domain: "prices", partition: "2025-W46", stage, tier: "BRONZE" }));
  await expectOk(running.reject([{ reasonCode: "SYMBOL_EMPTY", reasonDetail: "field 2 is empty", lineNumber: 3 }]));
  await expectOk(anomaly({ code: "NULL_VOLUME", message: "a row has no volume", captureId: running.captureId }));
  running.complete({ rowCount: 3 });
  return expectOk(commit(() => ({ rows: 3 })));
}
