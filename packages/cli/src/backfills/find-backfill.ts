import { type Backfill, type BackfillStore, orThrow } from "@spine/core";
import { findById } from "../input/find-by-id.ts";

/** How far back a shortened id is looked for. */
const mostBackfills = 5000;

/** The backfill that a whole or shortened id names. Throws `BACKFILL_NOT_FOUND`. */
export function findBackfill(backfills: Pick<BackfillStore, "get" | "list">, id: string): Promise<Backfill> {
  return findById<Backfill>(id, {
    noun: "backfill",
    prefix: "bf",
    code: "BACKFILL_NOT_FOUND",
    idOf: ({ backfillId }) => backfillId,
    get: async (backfillId) => orThrow(backfills.get({ backfillId })),
    async *pages() {
      yield await orThrow(backfills.list({ limit: mostBackfills }));
    },
  });
}
