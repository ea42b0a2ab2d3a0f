import type { Kysely } from "kysely";
import type { StoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";

/** Makes a run, and the runs it is a child of, due at once where they are WAITING and not paused. Resolves to whether it is there. */
export async function wakeRun(tx: Kysely<CoreTables>, clock: StoreClock, runId: string): Promise<boolean> {
  // Every row is locked whatever its status, so that a run that is being parked now is found WAITING, or finds what woke it.
  for (let woken: string | null = runId; woken !== null;) {
    const run: { parent_run_id: string | null } | undefined = await tx
      .updateTable("core_workflow_runs")
      .set((build) => ({
        due_at: build
          .case()
          .when(
            build.and([
              build("status", "=", "WAITING"),
              build.or([build("requested", "is", null), build("requested", "!=", "pause")]),
            ]),
          )
          .then(clock.now())
          .else(build.ref("due_at"))
          .end(),
      }))
      .where("run_id", "=", woken)
      .returning("parent_run_id")
      .executeTakeFirst();
    if (run === undefined && woken === runId) return false;
    woken = run?.parent_run_id ?? null;
  }
  return true;
}
