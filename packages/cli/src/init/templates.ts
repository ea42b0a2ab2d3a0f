/** A file `spine init` makes, relative to the project. */
export interface Template {
  readonly path: string;
  readonly text: string;
}

/** Packages the example needs, for `npm install`. */
export const requiredPackages: readonly string[] = [
  "@spine/cli",
  "@spine/core",
  "@spine/orchestration",
  "@spine/adapters-sqlite",
  "better-sqlite3",
  "kysely",
  "zod",
];

const config = `import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { defineConfig } from "@spine/cli";
import { prices } from "./spine/prices.ts";

export default defineConfig({
  store: sqlite(join(import.meta.dirname, "spine.db")),
  plugins: [prices],
});
`;

const example = `import { definePipeline, definePlugin, type PipelinesOf } from "@spine/core";
import { workflow } from "@spine/orchestration";
import { z } from "zod";

// A pipeline does the heavy work. What it takes and gives is checked, and shown by \`spine plan\`.
const fetchDaily = definePipeline({
  key: "prices.fetch_daily",
  description: "Makes up prices of one symbol; replace it with a source of your own.",
  params: z.object({ symbol: z.string(), days: z.int().min(1).default(5) }),
  output: z.object({ rows: z.int(), last: z.number() }),
  run({ params, progress }) {
    const closes = Array.from({ length: params.days }, (_, day) => 100 + params.symbol.length + day / 2);
    progress(1, \`\${closes.length} days\`);
    return { rows: closes.length, last: closes.at(-1) ?? 0 };
  },
});

const pipelines = [fetchDaily] as const;

// From here on the compiler knows the keys, parameters and outputs of these pipelines.
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

// A workflow passes a context from step to step; lambdas are the light glue between pipelines.
const daily = workflow("prices.daily", {
  description: "Fetches one symbol and checks that there is something.",
  params: z.object({ symbol: z.string() }),
})
  .pipeline("fetch", "prices.fetch_daily", { retry: { maxAttempts: 3 } })
  .lambda("check", ({ outputs }) => outputs.fetch.rows > 0)
  .lambda("summary", ({ outputs, params }) => ({ symbol: params.symbol, last: outputs.fetch.last }))
  .build();

export const prices = definePlugin({ name: "prices", domain: "prices", pipelines, workflows: [daily] });
`;

export const readmeLines = `## Data pipelines

\`\`\`sh
npx spine list                              # what there is
npx spine plan prices.daily                 # what it would do, and its parameters
npx spine run prices.daily --param symbol=ACME
npx spine runs                              # what ran, and how it ended
npx spine doctor                            # what is wrong, and what to do about it
\`\`\`

Definitions are in \`spine/\`, settings in \`spine.config.ts\`, history and data in \`spine.db\`.
`;

/** What `spine init` writes; none of it may be there before. */
export const templates: readonly Template[] = [
  { path: "spine.config.ts", text: config },
  { path: "spine/prices.ts", text: example },
];

/** A manifest for a folder that has none. */
export function manifestText(name: string): string {
  const packages = Object.fromEntries(requiredPackages.map((required) => [required, "latest"]));
  return `${JSON.stringify({ name, private: true, type: "module", dependencies: packages }, undefined, 2)}\n`;
}
