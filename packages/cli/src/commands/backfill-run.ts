import { findBackfill } from "../backfills/find-backfill.ts";
import { workBackfill } from "../backfills/work-backfill.ts";
import type { Command } from "../command.ts";

/** `spine backfill run <backfill>`: works off a backfill, from wherever it stands. */
export const backfillRun: Command = (invocation) =>
  workBackfill(invocation, (spine) => findBackfill(spine.store.backfills, invocation.args[0] ?? ""));
