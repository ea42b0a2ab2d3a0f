import { ok, type OwnerStore, type Result, type SpineError } from "@spine/core";
import { sql } from "kysely";
import type { SqlEngine } from "../engine.ts";
import type { StoreContext } from "./context.ts";
import type { OwnerStatements } from "./owner-sql.ts";
import { ask, type Script } from "./script.ts";
import type { NamedValues, Query } from "./statement.ts";

/** Processes and their leases. Heartbeats go over the hot connection: no transaction, however long, holds them up. */
export function createOwnerStore(
  { attempt, clock, db, script, statements: { owners }, traits }: StoreContext,
  engine: SqlEngine,
): OwnerStore {
  const hot = async ({ sql: text, params }: Query): Promise<Result<void, SpineError>> =>
    (await engine.executeHot(text, params)).map(() => undefined);

  return Object.freeze<OwnerStore>({
    beat: ({ owner, place, pid, leaseMs }) =>
      attempt(async () => {
        const values = { owner, place, pid, lease_ms: leaseMs };
        return traits.hotForm === "statement" ? hot(owners.beat(values)) : script(() => beat(owners, values));
      }),
    retire: ({ owner }) => attempt(() => hot(owners.retire({ owner }))),
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

function* beat(owners: OwnerStatements, values: NamedValues): Script<void> {
  yield* ask(owners.owner(values));
  yield* ask(owners.captures(values));
  return ok(undefined);
}
