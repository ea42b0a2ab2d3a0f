// A gate decides whether data may be used at all, a choice decides which way it goes. A gate is named checks that a pipeline asks before
// it commits: what passes becomes visible, what does not is kept, seen by nobody, and stops what depends on that day and on nothing else.

import { defineCheck, defineGate, definePipeline, memory, orThrow, type PipelinesOf, thresholds } from "@spine/core";
import { createSpine, StepResult, workflow } from "@spine/orchestration";
import { z } from "zod";

const Quote = z.object({ symbol: z.string(), close: z.number().nullable() });
const params = z.object({ day: z.iso.date(), quotes: z.array(Quote).min(1) });
const quotesOf = (day: string) => ({ domain: "quotes", partition: day, stage: "LOAD", tier: "BRONZE" });

// Thresholds hold what a step measured to limits; a check of one's own says anything else. A check that fails blocks, one that warns
// lets the data through and says so.
const gate = defineGate({
  name: "quotes.day",
  checks: [
    ...thresholds({ minRecordCount: 1, maxNullRate: 0.5 }),
    defineCheck<{ readonly nullCount?: number }>({
      name: "every_quote_closed",
      category: "COMPLETENESS",
      check: ({ subject: { nullCount = 0 } }) =>
        nullCount === 0
          ? { status: "PASS", message: "Every quote has a close" }
          : { status: "WARN", message: "Quotes have no close", actual: nullCount, expected: 0 },
    }),
  ],
});

const load = definePipeline({
  key: "quotes.load",
  params,
  output: z.object({ total: z.int(), missing: z.int() }),
  async run({ params: { day, quotes }, capture, quality, commit }) {
    const missing = quotes.filter(({ close }) => close === null).length;
    const measured = { recordCount: quotes.length, nullCount: missing };
    // What a step measured stays with it in the history, whatever becomes of the run.
    quality(measured);
    const running = await orThrow(capture.begin(quotesOf(day)));
    running.complete({ rowCount: quotes.length });
    // Blocked: this throws QUALITY_GATE_FAILED, whose category VALIDATION is never retried.
    await orThrow(running.gate(gate, measured));
    return commit(() => ({ total: quotes.length, missing }));
  },
});

const publish = definePipeline({
  key: "quotes.publish",
  params: z.object({ day: z.iso.date(), note: z.string().default("complete") }),
  output: z.object({ published: z.int(), note: z.string() }),
  async run({ params: { day, note }, capture }) {
    const quotes = await orThrow(capture.require(quotesOf(day)));
    return { published: quotes.rowCount ?? 0, note };
  },
});

const pipelines = [load, publish] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("quotes.daily", { params })
  .pipeline("load", "quotes.load")
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
  "2025-06-04": [quote("AAPL", 190), quote("MSFT", 400)],
  "2025-06-05": [quote("AAPL", 190), quote("MSFT", 400), quote("TSLA", null)],
  "2025-06-06": [quote("AAPL", null), quote("MSFT", null), quote("TSLA", 250)],
};

for (const [day, quotes] of Object.entries(days)) {
  const result = await spine.workflows.run(daily, { params: { day, quotes } });
  result.match(
    (run) => {
      console.log(`${day}: ${run.status}${run.error === undefined ? "" : ` (${run.error.code})`}`);
      for (const { step, status, reason } of run.steps) console.log(`  ${step.padEnd(9)} ${status} ${reason ?? ""}`);
      if (run.outputs.send !== undefined) console.log(`  sent ${run.outputs.send.published}: ${run.outputs.send.note}`);
    },
    (error) => console.log(`${day} did not start: ${error.message}`),
  );
}

console.log("\nWhat the gate said of each day, check by check:");
for (const { captureId, partition, gate: decision } of await orThrow(spine.captures.list({ domain: "quotes" }))) {
  console.log(`  ${partition}: ${decision}`);
  for (const { check, status, message } of await orThrow(spine.store.quality.results({ captureId })))
    if (status !== "PASS") console.log(`    ${check}: ${status} ${message}`);
}

// The blocked day stops what depends on it; the day before does not care.
for (const day of ["2025-06-06", "2025-06-05"]) {
  const sent = await spine.pipelines.run("quotes.publish", { params: { day } });
  sent.map(({ status, error }) => console.log(`Publish ${day}: ${status} ${error?.code ?? ""}`));
}

// Somebody looked, and takes the responsibility: the capture becomes visible now, and the ledger keeps who and why.
const [blocked] = await orThrow(spine.captures.list({ domain: "quotes", gate: "BLOCK" }));
if (blocked === undefined) throw new Error("The gate blocked nothing.");
await orThrow(spine.captures.release(blocked.captureId, { by: "ada", why: "The exchange closed early." }));
const sent = await orThrow(spine.pipelines.run("quotes.publish", { params: { day: "2025-06-06" } }));
console.log(`Publish 2025-06-06 after its release: ${sent.status}`);

await orThrow(spine.close());
