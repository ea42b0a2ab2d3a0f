// A gate decides whether data may go on at all, a choice decides which way it goes. Both are light: they look at what a
// pipeline measured, and pipelines do the work.

import { definePipeline, memory, orThrow, type PipelinesOf } from "@spine/core";
import { createSpine, StepResult, workflow } from "@spine/orchestration";
import { z } from "zod";

const Quote = z.object({ symbol: z.string(), close: z.number().nullable() });
const params = z.object({ quotes: z.array(Quote).min(1) });

const load = definePipeline({
  key: "quotes.load",
  params,
  output: z.object({ total: z.int(), missing: z.int() }),
  run({ params: { quotes }, quality }) {
    const missing = quotes.filter(({ close }) => close === null).length;
    // What a step measured stays with it in the history, whatever becomes of the run.
    quality({ recordCount: quotes.length, nullCount: missing });
    return { total: quotes.length, missing };
  },
});

const publish = definePipeline({
  key: "quotes.publish",
  params: params.extend({ note: z.string().default("complete") }),
  output: z.object({ published: z.int(), note: z.string() }),
  run: ({ params: { quotes, note } }) => ({ published: quotes.filter(({ close }) => close !== null).length, note }),
});

const pipelines = [load, publish] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("quotes.daily", { params })
  .pipeline("load", "quotes.load")
  // The gate: more than half is missing, so nothing behind it runs. The category says what kind of failure it is, so that
  // retry policies (never for VALIDATION) and alerts can tell it from a broken network.
  .lambda("gate", ({ outputs: { load: loaded } }) => {
    const missingShare = loaded.missing / loaded.total;
    const quality = { passed: missingShare <= 0.5, custom: { missingShare } };
    return quality.passed
      ? StepResult.ok({ missingShare }, { quality })
      : StepResult.fail(`${loaded.missing} of ${loaded.total} quotes have no close.`, {
          code: "QUALITY_GATE_FAILED",
          category: "VALIDATION",
          quality,
        });
  })
  // The choice: an expression is data, so it also stands in YAML and JSON; a function would do as well. A branch runs from
  // its target to the next target or to `join`, so `straight` never falls through into `review`.
  .choice("route", { when: "outputs.load.missing == 0", then: "straight", otherwise: "review", join: "checked" })
  .lambda("straight", () => StepResult.ok({ checkedBy: "nobody" }))
  .lambda("review", ({ outputs: { load: loaded } }) =>
    // `updates` become parameters of everything after: this is how `send` gets its note.
    StepResult.ok({ checkedBy: "a person" }, { updates: { note: `${loaded.missing} to follow` } }),
  )
  // Here the branches meet. The types know that only one of them ran: both outputs may be undefined.
  .lambda("checked", ({ outputs: { straight, review } }) => ({ by: straight?.checkedBy ?? review?.checkedBy ?? "?" }))
  .pipeline("send", "quotes.publish")
  .build();

const spine = await orThrow(createSpine({ store: memory(), pipelines, workflows: [daily] }));

const quote = (symbol: string, close: number | null): z.infer<typeof Quote> => ({ symbol, close });
const days = {
  complete: [quote("AAPL", 190), quote("MSFT", 400)],
  doubtful: [quote("AAPL", 190), quote("MSFT", 400), quote("TSLA", null)],
  useless: [quote("AAPL", null), quote("MSFT", null), quote("TSLA", 250)],
};

for (const [name, quotes] of Object.entries(days)) {
  const result = await spine.workflows.run(daily, { params: { quotes } });
  result.match(
    (run) => {
      console.log(
        `${name}: ${run.status}${run.error === undefined ? "" : ` (${run.error.code}: ${run.error.message})`}`,
      );
      for (const { step, status, reason, quality } of run.steps)
        console.log(
          `  ${step.padEnd(9)} ${status.padEnd(9)} ${reason ?? (quality === undefined ? "" : JSON.stringify(quality))}`,
        );
      if (run.outputs.send !== undefined) console.log(`  sent ${run.outputs.send.published}: ${run.outputs.send.note}`);
    },
    (error) => console.log(`${name} did not start: ${error.message}`),
  );
}

await orThrow(spine.close());
