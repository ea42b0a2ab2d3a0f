// Pipelines: registered units of work with a string key. YAML, databases and command lines name them by that string; the
// editor and the compiler know its parameters and its output all the same.

import { definePipeline, definePlugin, memory, orThrow, type PipelinesOf } from "@spine/core";
import { createSpine, Step, workflow } from "@spine/orchestration";
import { z } from "zod";

// 1. A pipeline says what it takes and what it gives (any Standard Schema; here zod), and then does one thing.
const fetchDaily = definePipeline({
  key: "prices.fetch_daily",
  description: "Closing prices of one symbol for some days.",
  params: z.object({ symbol: z.string().min(1), days: z.int().min(1).max(30).default(5) }),
  output: z.object({ closes: z.array(z.number()) }),
  // Stands for a request to a vendor. What it may rely on comes in as `params`, already parsed, the default filled in.
  run: ({ params }) => ({
    closes: Array.from({ length: params.days }, (_, day) => params.symbol.length * 50 + day),
  }),
});

const summarize = definePipeline({
  key: "prices.summarize",
  description: "Lowest and highest of some closing prices.",
  params: z.object({ closes: z.array(z.number()).min(1) }),
  output: z.object({ low: z.number(), high: z.number() }),
  run: ({ params: { closes } }) => ({ low: Math.min(...closes), high: Math.max(...closes) }),
});

// 2. This is all the typing there is to do, once for a package: from here on the keys are known wherever it is imported.
const pipelines = [fetchDaily, summarize] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const priceRange = workflow("prices.range", { params: z.object({ symbol: z.string() }) })
  .pipeline("fetch", "prices.fetch_daily", { params: { days: 3 } })
  // The output of a step is typed by its pipeline: `outputs.fetch.closes` is number[], and `outputs.fetsh` does not compile.
  .lambda("check", ({ outputs }) => outputs.fetch.closes.length === 3)
  .lambda("span", ({ outputs }) => ({ first: outputs.fetch.closes[0] ?? 0, last: outputs.fetch.closes.at(-1) ?? 0 }))
  .build();

// @ts-expect-error -- a misspelt key is a compile error once any key is declared
Step.pipeline("fetch", "prices.fetch_dialy");
// @ts-expect-error -- and so is a parameter the pipeline does not have
Step.pipeline("fetch", "prices.fetch_daily", { params: { dayz: 3 } });
// A key that only the running program knows, from YAML or a database, has its own door. Its output is `unknown`.
Step.pipeline("fetch", Step.dynamic("vendor.from_configuration"));

// 3. A plugin is one named bundle of what a package contributes. Importing it registers nothing: the host decides.
const prices = definePlugin({ name: "prices", domain: "prices", version: "1.0.0", pipelines, workflows: [priceRange] });
const spine = await orThrow(createSpine({ store: memory(), plugins: [prices] }));

console.log("Registered pipelines:");
for (const { key, description } of spine.pipelines.list()) console.log(`  ${key}  ${description ?? ""}`);

// 4. A pipeline runs by itself, as a run of one step named after the last word of its key, or as a step of something larger.
const single = await orThrow(spine.pipelines.run("prices.fetch_daily", { params: { symbol: "MSFT" } }));
console.log(`Alone: ${single.status}`, single.outputs["fetch_daily"]);

const range = await orThrow(spine.workflows.run(priceRange, { params: { symbol: "AAPL" } }));
console.log(`In a workflow: ${range.status}`, range.outputs.span);

// 5. What is checked only at run time fails before anything starts, as a value, with what to do about it.
const refusals = [
  spine.pipelines.get("prices.fetch_dialy"),
  // @ts-expect-error -- with a declared key, missing and misspelt parameters do not even compile
  await spine.pipelines.run("prices.fetch_daily", { params: { days: 90 } }),
  // @ts-expect-error
  await spine.pipelines.run("prices.fetch_daily", { params: { symbol: "MSFT", dayz: 3 } }),
  // Two plugins that claim one key are found when the host starts, never by whoever is called by mistake.
  await createSpine({ store: memory(), plugins: [prices], pipelines: [fetchDaily] }),
];
console.log("Refused:");
for (const refusal of refusals) if (refusal.isErr()) console.log(`  ${refusal.error.code}: ${refusal.error.message}`);

await orThrow(spine.close());
