import { type Instant, ok, type Result, type SpineError, type Suspension } from "@spine/core";
import { type Kysely, sql } from "kysely";
import type { StoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";

/**
 * Has steps wait, and parks the run when nothing of it can go on. The run's row is locked first, as a signal locks it too: whichever
 * comes second sees what the other one wrote, so no signal is missed.
 */
export async function suspendRun(
  tx: Kysely<CoreTables>,
  { runId, owner, fence, waits, events, park }: Suspension,
  clock: StoreClock,
): Promise<Result<boolean, SpineError>> {
  const locked = await tx
    .updateTable("core_workflow_runs")
    .set((build) => ({ fence: build.ref("fence") }))
    .where("run_id", "=", runId)
    .where("owner", "=", owner)
    .where("fence", "=", fence)
    .where("status", "=", "RUNNING")
    .returning("requested")
    .executeTakeFirst();
  if (locked === undefined) return ok(false);
  for (const { step, wait } of waits) {
    await tx
      .updateTable("core_workflow_steps")
      .set({ status: "WAITING", wait: JSON.stringify(wait) })
      .where("run_id", "=", runId)
      .where("step_name", "=", step)
      .execute();
  }
  for (const { type, step, payload } of events) {
    await tx
      .insertInto("core_workflow_events")
      .values({
        run_id: runId,
        step_name: step ?? null,
        event_type: type,
        occurred_at: clock.now(),
        payload: JSON.stringify(payload),
      })
      .execute();
  }
  if (park === undefined) return ok(true);
  const unseen = await tx
    .selectFrom("core_signals")
    .select("sequence")
    .where("run_id", "=", runId)
    .where("sequence", ">", park.signalsSeen)
    .limit(1)
    .executeTakeFirst();
  const children =
    park.children === undefined || park.children.length === 0
      ? []
      : await tx
          .selectFrom("core_workflow_runs")
          .select(["status", "due_at"])
          .where("run_id", "in", park.children)
          .execute();
  const isPaused = locked.requested === "pause";
  const hasEnded = children.some(({ status }) => status !== "RUNNING" && status !== "WAITING");
  const isDue = !isPaused && (unseen !== undefined || hasEnded);
  const dues = [park.dueAt, ...children.map(({ due_at }) => due_at)].filter((due) => due !== undefined && due !== null);
  const dueAt = isPaused ? undefined : dues.toSorted()[0];
  await tx
    .updateTable("core_workflow_runs")
    .set({
      status: "WAITING",
      owner: null,
      due_at: isDue ? clock.now() : dueAt === undefined ? sql<Instant>`null` : dueAt,
    })
    .where("run_id", "=", runId)
    .execute();
  return ok(true);
}
