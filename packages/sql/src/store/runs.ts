import { type Instant, type JsonObject, ok, type RunRecord, type RunStore } from "@spine/core";
import { type Expression, type ExpressionBuilder, sql, type SqlBool } from "kysely";
import { decodeOptionalJson, optional } from "../codecs.ts";
import type { CoreTables } from "../tables.ts";
import type { StoreContext } from "./context.ts";
import type { HotWrites } from "./hot.ts";
import { selectRuns, toRunRecord } from "./run-rows.ts";
import { suspendRun } from "./suspend-run.ts";

/** The engine's writes. */
export function createRunStore({ attempt, atomic, clock, db }: StoreContext, hot: HotWrites): RunStore {
  type Build = ExpressionBuilder<CoreTables, "core_workflow_runs">;

  /** Whether nobody is alive who owns the run. An owner nobody has heard of has no lease. */
  const isFree = (build: Build, deadOwners: readonly string[]): Expression<SqlBool> =>
    build.or([
      build("owner", "is", null),
      ...(deadOwners.length === 0 ? [] : [build("owner", "in", deadOwners)]),
      build.not(
        build.exists(
          build
            .selectFrom("core_owners")
            .select("core_owners.owner")
            .whereRef("core_owners.owner", "=", "core_workflow_runs.owner")
            .where("core_owners.lease_until", ">", clock.now()),
        ),
      ),
    ]);

  return Object.freeze<RunStore>({
    create: (run) => attempt(async () => (await hot.create(run)).map((at) => Object.freeze({ at, fence: 1 }))),
    checkpoint: (transitions) => attempt(() => hot.checkpoint(transitions)),
    claim: ({ runId, owner, deadOwner, statuses, definition }) =>
      attempt(() =>
        atomic(async (tx) => {
          const claimed = await tx
            .updateTable("core_workflow_runs")
            .set((build) => ({
              status: "RUNNING" as const,
              owner,
              fence: build("fence", "+", 1),
              error: null,
              error_category: null,
              error_step: null,
              completed_at: null,
              duration_ms: null,
              last_event: null,
              due_at: null,
              requested: null,
              ...(definition === undefined ? {} : { definition_hash: definition.hash }),
            }))
            .where("run_id", "=", runId)
            .where("status", "!=", "COMPLETED")
            .$if(statuses !== undefined, (query) => query.where("status", "in", statuses ?? []))
            .where((build) => isFree(build, deadOwner === undefined ? [] : [deadOwner]))
            .returning("run_id")
            .executeTakeFirst();
          if (claimed === undefined) return ok(undefined);
          if (definition !== undefined) {
            await tx
              .insertInto("core_workflow_definitions")
              .values({
                hash: definition.hash,
                definition: JSON.stringify(definition.document),
                created_at: clock.now(),
              })
              .onConflict((conflict) => conflict.doNothing())
              .execute();
          }
          await tx
            .updateTable("core_workflow_steps")
            .set((build) => ({ attempt: build("attempt", "+", 1), started_at: clock.now() }))
            .where("run_id", "=", runId)
            .where("status", "=", "RUNNING")
            .execute();
          const row = await selectRuns(tx).where("run_id", "=", runId).executeTakeFirst();
          return ok<RunRecord | undefined>(row === undefined ? undefined : toRunRecord(row));
        }),
      ),
    suspend: (suspension) => attempt(() => atomic((tx) => suspendRun(tx, suspension, clock))),
    due: ({ limit }) =>
      attempt(async () => {
        const waiting = selectRuns(db)
          .where("status", "=", "WAITING")
          .where("due_at", "is not", null)
          .where("parent_run_id", "is", null);
        const firstOf = (isDue: boolean) =>
          db
            .selectFrom("core_workflow_runs")
            .select(["due_at", sql<number>`case when due_at <= ${clock.now()} then 1 else 0 end`.as("is_due")])
            .where("status", "=", "WAITING")
            .where("parent_run_id", "is", null)
            .where("due_at", "is not", null)
            .$if(isDue, (query) => query.where("due_at", ">", clock.now()))
            .orderBy("due_at")
            .limit(1)
            .executeTakeFirst();
        // One query while nothing is due, which is nearly always.
        const first = await firstOf(false);
        if (first?.is_due !== 1) return ok({ runs: [], next: optional(first?.due_at ?? null) });
        const rows = await waiting
          .where("due_at", "<=", clock.now())
          .orderBy("priority", "desc")
          .orderBy("run_id")
          .limit(limit)
          .execute();
        const next = await firstOf(true);
        return ok({ runs: Object.freeze(rows.map(toRunRecord)), next: optional(next?.due_at ?? null) });
      }),
    request: ({ runId, request }) =>
      attempt(() =>
        atomic(async (tx) => {
          await tx
            .updateTable("core_workflow_runs")
            .set((build) => ({
              requested: request,
              due_at: build
                .case()
                .when("status", "=", "WAITING")
                .then(request === "cancel" ? clock.now() : sql<Instant>`null`)
                .else(build.ref("due_at"))
                .end(),
            }))
            .where("run_id", "=", runId)
            .where("status", "in", ["RUNNING", "WAITING"])
            .execute();
          const row = await selectRuns(tx).where("run_id", "=", runId).executeTakeFirst();
          return ok<RunRecord | undefined>(row === undefined ? undefined : toRunRecord(row));
        }),
      ),
    requests: ({ owner }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_workflow_runs")
          .select(["run_id", "requested"])
          .where("owner", "=", owner)
          .where("requested", "is not", null)
          .where("status", "=", "RUNNING")
          .execute();
        return ok(
          Object.freeze(
            rows.flatMap(({ run_id, requested }) =>
              requested === null ? [] : [{ runId: run_id, request: requested }],
            ),
          ),
        );
      }),
    abandoned: ({ deadOwners, limit }) =>
      attempt(async () => {
        const rows = await selectRuns(db)
          .where("status", "=", "RUNNING")
          .where((build) => isFree(build, deadOwners))
          .orderBy("run_id")
          .limit(limit)
          .execute();
        return ok(Object.freeze(rows.map(toRunRecord)));
      }),
    definition: ({ definitionHash }) =>
      attempt(async () => {
        const row = await db
          .selectFrom("core_workflow_definitions")
          .select("definition")
          .where("hash", "=", definitionHash)
          .executeTakeFirst();
        return ok(decodeOptionalJson<JsonObject>(row?.definition ?? null));
      }),
  });
}
