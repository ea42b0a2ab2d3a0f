import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { type HostOptions, orThrow, type Reject } from "@spine/core";
import { createSpine, type Spine } from "@spine/orchestration";
import { kyselyOf } from "@spine/sql";
import type { Kysely } from "kysely";
import { onTestFinished } from "vitest";
import { finraOtc, type FinraTables } from "../src/index.ts";

export interface Opened {
  readonly spine: Spine;
  /** A folder of this test's own. */
  readonly folder: string;
  readonly db: Kysely<FinraTables>;
  readonly rejectsOf: (captureId: string) => Promise<readonly Reject[]>;
}

/** The plugin, on a SQLite file in a folder of its own unless a store is given; both go when the test has finished. */
export async function openSpine(
  options: Partial<Pick<HostOptions, "clock" | "store" | "plugins">> = {},
): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "finra-otc-"));
  const spine = await orThrow(
    createSpine({ store: sqlite(join(folder, "spine.db")), plugins: [finraOtc], ...options }),
  );
  onTestFinished(async () => {
    await spine.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    spine,
    folder,
    db: kyselyOf<FinraTables>(spine.store.sql),
    rejectsOf: (captureId) => orThrow(spine.store.anomalies.rejects({ captureId, limit: 100_000 })),
  };
}
