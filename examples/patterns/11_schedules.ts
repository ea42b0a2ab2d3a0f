// It runs by itself: a schedule fires a workflow with parameters made from its instant, and every instant leaves a row, also one that did
// not run. `spine serve` does this for good; here one pass is enough, on a schedule that is fired by hand.

import { definePipeline, memory, orThrow, parseInstant, type PipelinesOf } from "@spine/core";
import { createSpine, workflow } from "@spine/orchestration";
import { defineSchedule, scheduler } from "@spine/scheduler";
import { z } from "zod";

const ingestDay = definePipeline({
  key: "quotes.ingest_day",
  params: z.object({ day: z.iso.date() }),
  output: z.object({ rows: z.int() }),
  run: () => ({ rows: 3 }),
});
const pipelines = [ingestDay] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}
const daily = workflow("quotes.daily", { params: z.object({ day: z.iso.date() }) })
  .pipeline("ingest", "quotes.ingest_day")
  .build();

// The third business day of each month, New York time; late by at most an hour, else the instant is skipped with the reason.
const monthly = defineSchedule({
  name: "quotes.monthly",
  run: "quotes.daily",
  when: { businessDay: 3, of: "month", at: "07:00", timeZone: "America/New_York" },
  params: { day: "{{ fireDate }}" },
  missed: { policy: "skip", grace: "1h" },
});

const spine = await orThrow(
  createSpine({ store: memory(), pipelines, workflows: [daily], parts: [scheduler({ schedules: [monthly] })] }),
);
await orThrow(spine.scheduler.start());

const after = orThrow(parseInstant("2025-12-31T00:00:00Z"));
console.log("due:", await orThrow(spine.scheduler.next("quotes.monthly", { count: 3, after })));

await orThrow(spine.scheduler.runNow("quotes.monthly", { params: { day: "2025-12-19" } }));
await orThrow(spine.scheduler.tick());
await orThrow(spine.scheduler.stop()); // waits for what runs
await orThrow(spine.scheduler.tick()); // and notes how it ended
const [firing] = await orThrow(spine.scheduler.history());
console.log(firing?.kind, firing?.status);

await orThrow(spine.close());
