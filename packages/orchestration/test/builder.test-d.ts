import { err, ok, okAsync, type Result, type ResultAsync, type SpineError } from "@spine/core";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  type GroupOutput,
  type Spine,
  StepResult,
  type UntypedOutputs,
  workflow,
  type WorkflowRun,
} from "../src/index.ts";

describe("outputs in the builder", () => {
  it("accumulate from step to step", () => {
    workflow("prices.daily")
      .lambda("first", ({ outputs }) => {
        expectTypeOf<keyof typeof outputs>().toEqualTypeOf<never>();
        return { rows: 3 };
      })
      .lambda("second", ({ outputs }) => {
        expectTypeOf(outputs.first).toEqualTypeOf<{ rows: number }>();
        return { mean: 2.5, tier: "OTC" as const };
      })
      .lambda("third", ({ outputs }) => {
        expectTypeOf(outputs.first.rows).toEqualTypeOf<number>();
        expectTypeOf(outputs.second.tier).toEqualTypeOf<"OTC">();
        // @ts-expect-error a step that is not there
        return outputs.secnd;
      });
  });

  it("cannot be written to", () => {
    workflow("prices.daily")
      .lambda("first", () => ({ rows: 3 }))
      .lambda("second", ({ outputs }) => {
        // @ts-expect-error outputs are read-only
        outputs.first = { rows: 4 };
        expectTypeOf(outputs).toEqualTypeOf<{ readonly first: { rows: number } }>();
      });
  });

  it("of a choice say what it decided; of a group which run it was", () => {
    workflow("prices.daily")
      .group("all", "prices.weekly")
      .choice("route", { when: ({ outputs }) => outputs.all.status === "COMPLETED", then: "end" })
      .lambda("end", ({ outputs }) => {
        expectTypeOf(outputs.route).toEqualTypeOf<{
          readonly result: boolean;
          readonly branch: "then" | "otherwise";
        }>();
        expectTypeOf(outputs.all).toEqualTypeOf<GroupOutput>();
      });
  });
});

describe("the output type of a lambda that returns", () => {
  const either = <A, B>(a: A, b: B): A | B => (Math.random() > 0.5 ? a : b);
  const object = () => ({ rows: 3 });
  const promise = async () => ({ rows: 3 });
  const stepResult = () => StepResult.ok({ rows: 3 }, { next: "x" });
  const result = (): Result<{ rows: number }, SpineError> => ok({ rows: 3 });
  const resultAsync = (): ResultAsync<{ rows: number }, SpineError> => okAsync({ rows: 3 });
  const orFailure = () => either({ rows: 3 }, StepResult.fail("no"));
  const orBoolean = () => either(StepResult.ok({ rows: 3 }), false);
  const oneOfTwo = () => either(StepResult.ok({ a: 1 }), StepResult.ok({ b: "x" }));

  it("something with an output is that output", () => {
    workflow("prices.daily")
      .lambda("object", object)
      .lambda("promise", promise)
      .lambda("stepResult", stepResult)
      .lambda("result", result)
      .lambda("resultAsync", resultAsync)
      .lambda("orFailure", orFailure)
      .lambda("orBoolean", orBoolean)
      .lambda("oneOfTwo", oneOfTwo)
      .lambda("look", ({ outputs }) => {
        expectTypeOf(outputs.object).toEqualTypeOf<{ rows: number }>();
        expectTypeOf(outputs.promise).toEqualTypeOf<{ rows: number }>();
        expectTypeOf(outputs.stepResult).toEqualTypeOf<{ rows: number }>();
        expectTypeOf(outputs.result).toEqualTypeOf<{ rows: number }>();
        expectTypeOf(outputs.resultAsync).toEqualTypeOf<{ rows: number }>();
        expectTypeOf(outputs.orFailure).toEqualTypeOf<{ rows: number }>();
        expectTypeOf(outputs.orBoolean).toEqualTypeOf<{ rows: number }>();
        expectTypeOf(outputs.oneOfTwo).toEqualTypeOf<{ a: number } | { b: string }>();
      });
  });

  it("nothing, a boolean or a failure alone leaves no output", () => {
    workflow("prices.daily")
      .lambda("nothing", () => undefined)
      .lambda("empty", () => {})
      .lambda("yes", () => true)
      .lambda("later", async () => false)
      .lambda("fails", () => StepResult.fail("no"))
      .lambda("errs", () => err(new Error("no")))
      .lambda("check", () => Math.random() > 0.5 || StepResult.fail("Too few records", { category: "VALIDATION" }))
      .lambda("look", ({ outputs }) => {
        expectTypeOf<keyof typeof outputs>().toEqualTypeOf<never>();
      });
  });
});

it("a lambda that only ever skips has the output undefined", () => {
  workflow("prices.daily")
    .lambda("skips", () => StepResult.skip("no file"))
    .lambda("look", ({ outputs }) => {
      expectTypeOf(outputs.skips).toEqualTypeOf<undefined>();
    });
});

describe("parameters in the builder", () => {
  const params = z.object({ week: z.iso.date(), limit: z.int().default(5), file: z.string().optional() });

  it("are what the schema makes of them, and the defaults under them", () => {
    workflow("prices.daily", { params, defaults: { tier: "OTC", limit: "replaced" } }).lambda("look", (context) => {
      expectTypeOf(context.params.week).toEqualTypeOf<string>();
      expectTypeOf(context.params.limit).toEqualTypeOf<number>();
      expectTypeOf(context.params.file).toEqualTypeOf<string | undefined>();
      expectTypeOf(context.params.tier).toEqualTypeOf<"OTC">();
      // @ts-expect-error misspelt
      return context.params.wek;
    });
  });

  it("are typed in conditions too", () => {
    workflow("prices.daily", { params })
      .lambda("count", () => ({ rows: 3 }))
      // @ts-expect-error misspelt output
      .choice("route", { when: ({ outputs }) => outputs.cont.rows > 0, then: "end" })
      .choice("again", {
        when: ({ params: given, outputs }) => {
          expectTypeOf(given.limit).toEqualTypeOf<number>();
          return given.limit > outputs.count.rows;
        },
        then: "end",
      })
      .lambda("end", () => ({}));
  });

  it("must be used as the schema has them", () => {
    workflow("prices.daily", { params }).lambda("look", (context) => {
      // @ts-expect-error a number is no text
      const text: string = context.params.limit;
      expectTypeOf(context.params.limit).not.toEqualTypeOf(text);
    });
  });
});

describe("the run of a workflow", () => {
  it("has the outputs its builder knows, each of which may be absent", () => {
    const built = workflow("prices.daily")
      .lambda("count", () => ({ rows: 3 }))
      .build();
    const spine = {} as Spine;
    const run = spine.workflows.run(built);
    expectTypeOf<Awaited<typeof run>>().toEqualTypeOf<
      Result<WorkflowRun<Partial<{ readonly count: { rows: number } }>>, SpineError>
    >();
    const named = spine.workflows.run("prices.daily");
    expectTypeOf<Awaited<typeof named>>().toEqualTypeOf<Result<WorkflowRun<UntypedOutputs>, SpineError>>();
  });
});
