import { type Instant, type ListRuns, ok, type RunHistory } from "@spine/core";
import type { Kysely } from "kysely";
import type { CoreTables } from "../tables.ts";
import type { StoreContext } from "./context.ts";
import { createEventReader } from "./event-reader.ts";
import { heldAttempt, heldAttemptColumns, toAttempt, toStep } from "./history-rows.ts";
import { selectRuns, toRunRecord } from "./run-rows.ts";

/** The reads of history. */
export function createRunHistory(context: StoreContext): RunHistory {
  const { attempt, db } = context;
  const readEvents = createEventReader(context);
  return Object.freeze<RunHistory>({
    get: ({ runId }) =>
      attempt(async () => {
        const row = await selectRuns(db).where("run_id", "=", runId).executeTakeFirst();
        return ok(row === undefined ? undefined : toRunRecord(row));
      }),
    list: (filter) => attempt(async () => ok(Object.freeze((await page(db, filter)).map(toRunRecord)))),
    steps: ({ runId }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_workflow_steps")
          .selectAll()
          .where("run_id", "=", runId)
          .orderBy("position")
          .orderBy("step_name")
          .execute();
        return ok(Object.freeze(rows.map(toStep)));
      }),
    attempts: ({ runId }) =>
      attempt(async () => {
        const [own, steps] = await Promise.all([
          db.selectFrom("core_workflow_attempts").selectAll().where("run_id", "=", runId).execute(),
          db
            .selectFrom("core_workflow_steps")
            .select(heldAttemptColumns)
            .where("run_id", "=", runId)
            .where("status", "not in", ["RUNNING", "WAITING"])
            .execute(),
        ]);
        const all = [...own.map(toAttempt), ...steps.flatMap(heldAttempt)];
        return ok(
          Object.freeze(
            all.toSorted(
              (a, b) => compare(a.completedAt, b.completedAt) || compare(a.step, b.step) || a.attempt - b.attempt,
            ),
          ),
        );
      }),
    events: (filter) => attempt(() => readEvents(filter)),
  });
}

/** Newest first: a run's id says when it was made. */
function page(db: Kysely<CoreTables>, { before, limit = 50, startedFrom, startedUntil, ...filter }: ListRuns) {
  return selectRuns(db)
    .where((build) =>
      build.and({
        ...(filter.name === undefined ? {} : { workflow_name: filter.name }),
        ...(filter.kind === undefined ? {} : { kind: filter.kind }),
        ...(filter.status === undefined ? {} : { status: filter.status }),
        ...(filter.partition === undefined ? {} : { partition_key: filter.partition }),
        ...(filter.batchId === undefined ? {} : { batch_id: filter.batchId }),
        ...(filter.parentRunId === undefined ? {} : { parent_run_id: filter.parentRunId }),
        ...(filter.domain === undefined ? {} : { domain: filter.domain }),
        ...(filter.idempotencyKey === undefined ? {} : { idempotency_key: filter.idempotencyKey }),
        ...(filter.rerunOf === undefined ? {} : { rerun_of: filter.rerunOf }),
      }),
    )
    .$if(startedFrom !== undefined, (query) => query.where("started_at", ">=", startedFrom ?? never))
    .$if(startedUntil !== undefined, (query) => query.where("started_at", "<", startedUntil ?? never))
    .$if(before !== undefined, (query) => query.where("run_id", "<", before ?? ""))
    .orderBy("run_id", "desc")
    .limit(limit)
    .execute();
}

const never = "" as Instant;

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
