import { ok, type OwnerStore, type SqlValue } from "@spine/core";
import { sql } from "kysely";
import type { SqlEngine } from "../engine.ts";
import type { StoreContext } from "./context.ts";

/** Processes and their leases. Heartbeats go over the hot connection: no transaction, however long, holds them up. */
export function createOwnerStore({ attempt, clock, db }: StoreContext, engine: SqlEngine): OwnerStore {
  return Object.freeze<OwnerStore>({
    beat: ({ owner, place, pid, leaseMs }) =>
      attempt(async () => {
        const { sql: text, parameters } = db
          .insertInto("core_owners")
          .values({ owner, place, pid, started_at: clock.now(), lease_until: clock.after(leaseMs) })
          .onConflict((conflict) =>
            conflict.column("owner").doUpdateSet((build) => ({
              place: build.ref("excluded.place"),
              pid: build.ref("excluded.pid"),
              lease_until: build.ref("excluded.lease_until"),
            })),
          )
          .compile();
        return engine.executeHot(text, parameters as readonly SqlValue[]).map(() => undefined);
      }),
    retire: ({ owner }) =>
      attempt(async () => {
        const { sql: text, parameters } = db.deleteFrom("core_owners").where("owner", "=", owner).compile();
        return engine.executeHot(text, parameters as readonly SqlValue[]).map(() => undefined);
      }),
    list: () =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_owners")
          .selectAll()
          .select((build) =>
            build.case().when("lease_until", ">", clock.now()).then(sql.lit(1)).else(sql.lit(0)).end().as("alive"),
          )
          .orderBy("started_at")
          .orderBy("owner")
          .execute();
        return ok(
          Object.freeze(
            rows.map((row) =>
              Object.freeze({
                owner: row.owner,
                place: row.place,
                pid: row.pid,
                startedAt: row.started_at,
                leaseUntil: row.lease_until,
                alive: row.alive === 1,
              }),
            ),
          ),
        );
      }),
  });
}
