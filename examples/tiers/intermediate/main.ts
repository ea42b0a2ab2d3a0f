// Intermediate: the same definitions on PostgreSQL, an alert when a run fails, and the instants at which a schedule is due.
//
//   npm install @spine/core @spine/orchestration @spine/sources @spine/adapters-sqlite better-sqlite3 kysely zod \
//               @spine/adapters-postgres pg @spine/alerts @spine/scheduler

import { postgres } from "@spine/adapters-postgres";
import { sqlite } from "@spine/adapters-sqlite";
import { consoleChannel, createAlert } from "@spine/alerts";
import { definePipeline, orThrow, parseInstant, type PipelinesOf, type StoreProvider } from "@spine/core";
import { createSpine, StepResult, workflow } from "@spine/orchestration";
import { nextInstants } from "@spine/scheduler";
import { z } from "zod";

const count = definePipeline({
  key: "intermediate.count",
  params: z.object({ rows: z.int() }),
  output: z.object({ rows: z.int() }),
  async run({ params: { rows }, capture, commit }) {
    const slot = { domain: "intermediate", partition: "2025-06-06", stage: "INGEST", tier: "BRONZE" };
    const running = await orThrow(capture.begin(slot));
    running.complete({ rowCount: rows });
    return commit(() => ({ rows }));
  },
});
const pipelines = [count] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}

const daily = workflow("intermediate.daily", { params: z.object({ rows: z.int() }) })
  .pipeline("count", "intermediate.count")
  .lambda("check", ({ outputs }) => outputs.count.rows > 0 || StepResult.fail("No rows", { category: "VALIDATION" }))
  .build();

// When it should run. Nothing starts it yet: the scheduler service is an issue of its own.
const schedule = { expression: "30 6 * * MON-FRI", timeZone: "America/New_York" };
const friday = orThrow(parseInstant("2025-06-06T12:00:00Z"));
console.log("Due next:", ...orThrow(nextInstants(schedule, friday, 2)));

// A store in SQLite and one in PostgreSQL take the same definitions, without a changed line.
const schema = `spine_example_${process.pid}`;
const url = process.env["SPINE_TEST_PG_URL"];
const stores: StoreProvider[] = [sqlite(":memory:")];
if (url === undefined) console.log("PostgreSQL: SKIPPED (SPINE_TEST_PG_URL is not set)");
else stores.push(postgres(url, { schema }));

const Failure = z.object({ name: z.string(), message: z.string() });
const channel = consoleChannel({ stream: process.stdout, minSeverity: "ERROR" });
for (const store of stores) {
  const spine = await orThrow(createSpine({ store, pipelines, workflows: [daily] }));
  // Runs tell what becomes of them; whoever listens decides whom to wake.
  spine.events.on("run.failed", async ({ runId = "", at, payload }) => {
    const { name, message } = Failure.parse(payload);
    const told = { severity: "ERROR", title: `${name} failed`, message, source: name, runId } as const;
    const alert = createAlert(told, { alertId: `alert-${runId}`, createdAt: at });
    await orThrow(channel.send(channel.render(alert), { signal: AbortSignal.timeout(5000) }));
  });
  for (const rows of [42, 0]) {
    const run = await spine.workflows.run(daily, { params: { rows } });
    console.log(
      `${spine.store.kind}: ${rows} rows, ${run.match(
        ({ status }) => status,
        ({ message }) => message,
      )}`,
    );
  }
  const runs = await orThrow(spine.store.history.list({ name: daily.name }));
  console.log(`${spine.store.kind}: history has ${runs.map(({ status }) => status).join(" and ")}`);
  await orThrow(spine.close());
}

// Leave the server as it was found.
if (url !== undefined) {
  const cleaner = await orThrow(createSpine({ store: postgres(url, { schema }) }));
  await orThrow(cleaner.store.sql.execute(`drop schema "${schema}" cascade`));
  await orThrow(cleaner.close());
}
