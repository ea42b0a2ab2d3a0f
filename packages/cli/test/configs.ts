/** A project with a pipeline, a group and a workflow, in memory; `store` as text of the config. */
export function exampleConfig(store = "memory()"): string {
  return `
import { sqlite } from "@spine/adapters-sqlite";
import { defineConfig } from "@spine/cli";
import { definePipeline, definePlugin, memory, skipped, SpineError } from "@spine/core";
import { defineGroup, workflow } from "@spine/orchestration";
import { z } from "zod";

const load = definePipeline({
  key: "prices.load",
  description: "Pretends to load prices.",
  params: z.object({
    symbol: z.string(),
    days: z.int().default(5),
    ratio: z.number().optional(),
    force: z.boolean().optional(),
    fields: z.array(z.string()).optional(),
    options: z.object({ deep: z.boolean() }).optional(),
    mode: z.enum(["fast", "slow"]).optional(),
  }),
  run({ params, progress, log }) {
    log.info("loading", { symbol: params.symbol });
    if (params.symbol === "NONE") return skipped("nothing traded");
    if (params.symbol === "FLAKY") throw new SpineError("SOURCE_NOT_FOUND", "The file prices.csv does not exist.", { context: { remedy: "Put it there." } });
    if (params.symbol === "BUSY") throw new SpineError("TRANSIENT", "The exchange is busy.");
    if (params.symbol === "ODD") throw new Error("odd\\nand more");
    progress(0.5, "half way");
    return { recordCount: 1200 * params.days, rejected: 3 };
  },
});
const check = definePipeline({ key: "prices.check", params: z.object({ symbol: z.string() }), run: () => ({ rows: 1 }) });

// Waits on the host's clock for ten seconds, or until it is told to stop; "DEAF" does not listen.
const wait = definePipeline({
  key: "prices.wait",
  params: z.object({ symbol: z.string().optional() }),
  run: ({ clock, signal, params }) =>
    new Promise((resolve, reject) => {
      clock.setTimer(10_000, () => resolve({ recordCount: 1 }));
      if (params.symbol !== "DEAF") signal.addEventListener("abort", () => reject(signal.reason));
      // The clock's own timers do not keep a process alive.
      const alive = setInterval(() => signal.aborted && clearInterval(alive), 20);
      clock.setTimer(10_000, () => clearInterval(alive));
    }),
});

const daily = workflow("prices.daily", { description: "Loads and checks.", params: z.object({ symbol: z.string() }) })
  .pipeline("load", "prices.load")
  .lambda("echo", ({ params }) => ({ params: { ...params } }))
  .build();
const retrying = workflow("prices.retrying").pipeline("load", "prices.load", { retry: { maxAttempts: 2, delayMs: 200 } }).build();
const nested = workflow("prices.nested").group("all", "prices.group").build();
const group = defineGroup({
  name: "prices.group",
  defaults: { days: 2 },
  policy: { execution: "parallel", onFailure: "continue" },
  steps: [
    { name: "load", pipeline: "prices.load" },
    { name: "check", pipeline: "prices.check" },
    { name: "report", pipeline: "prices.check", dependsOn: ["load", "check"], params: { symbol: "ALL" } },
  ],
});

export default defineConfig({
  store: ${store},
  plugins: [definePlugin({ name: "prices", domain: "prices", version: "1.2.0", pipelines: [load, check, wait], workflows: [daily, nested, retrying], groups: [group] })],
});
`;
}

/** {@link exampleConfig} on a SQLite file beside it. */
export const sqliteConfig = exampleConfig('sqlite(import.meta.dirname + "/spine.db")');
