import { existsSync } from "node:fs";
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { finraOtc } from "spine-plugin-finra-otc";
import { databasePath } from "./project.ts";

/** What an earlier demo left in its database. */
export interface LeftBehind {
  /** Runs that were cut off, oldest first. */
  readonly interrupted: readonly string[];
  /** Runs that another demo is working on at this moment. */
  readonly running: readonly string[];
  /** Backfills that were cut off; their runs are among the interrupted ones. */
  readonly backfills: readonly string[];
}

const nothing: LeftBehind = { interrupted: [], running: [], backfills: [] };

/**
 * Looks for runs and backfills that an earlier demo began and did not end. A database that cannot be used counts as none, but for one that is in
 * use: then this throws `DATABASE_BUSY`.
 */
export async function findLeftBehind(): Promise<LeftBehind> {
  if (!existsSync(databasePath)) return nothing;
  const created = await createSpine({ store: sqlite(databasePath), plugins: [finraOtc] });
  if (created.isErr()) {
    if (created.error.code === "DATABASE_BUSY") throw created.error;
    return nothing;
  }
  const spine = created.value;
  const abandoned = await orThrow(spine.abandoned());
  const running = await orThrow(spine.store.history.list({ status: "RUNNING" }));
  const backfills = await orThrow(spine.backfills.list({ status: "RUNNING" }));
  await spine.close();
  const interrupted = abandoned.map(({ runId }) => runId);
  const roots = running.filter(({ parentRunId }) => parentRunId === undefined).map(({ runId }) => runId);
  return {
    interrupted,
    running: roots.filter((runId) => !interrupted.includes(runId)),
    backfills: backfills.map(({ backfillId }) => backfillId),
  };
}
