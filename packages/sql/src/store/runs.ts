import { ok, type JsonObject, type RunRecord, type RunStore } from "@spine/core";
import type { ExpressionBuilder, Expression, SqlBool } from "kysely";
import { decodeOptionalJson } from "../codecs.ts";
import type { CoreTables } from "../tables.ts";
import type { StoreContext } from "./context.ts";
import type { HotWrites } from "./hot.ts";
import { selectRuns, toRunRecord } from "./run-rows.ts";

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
    claim: ({ runId, owner, deadOwner }) =>
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
            }))
            .where("run_id", "=", runId)
            .where("status", "!=", "COMPLETED")
            .where((build) => isFree(build, deadOwner === undefined ? [] : [deadOwner]))
            .returning("run_id")
            .executeTakeFirst();
          if (claimed === undefined) return ok(undefined);
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
