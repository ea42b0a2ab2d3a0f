import { err, ok, type Result, type SpineError } from "@spine/core";
import { type DurableParts, storedRun } from "./durable-parts.ts";
import type { Executable } from "./executable.ts";
import type { LiveRuns } from "./live-runs.ts";
import type { RunOptions } from "./prepare.ts";
import type { Run } from "./run.ts";
import { runExists } from "./run-errors.ts";

/** Runs of the same name and idempotency key: there is only ever one. */
export interface Twins {
  /** The run of this name and key, if there is one: joined while it is under way here, else as it stands. */
  join(
    executable: Executable,
    idempotencyKey: string,
    onRecorded: (runId: string) => void,
  ): Promise<Result<Run | undefined, SpineError>>;
  /** What comes of a run that the store would not create: its twin, when another process was quicker. */
  insteadOf(
    executable: Executable,
    options: RunOptions,
    refusal: SpineError,
    onRecorded: (runId: string) => void,
  ): Promise<Result<Run, SpineError>>;
}

export function createTwins(parts: DurableParts | undefined, lives: LiveRuns): Twins {
  const join: Twins["join"] = async ({ kind, name }, idempotencyKey, onRecorded) => {
    if (parts === undefined) return ok(undefined);
    const found = await parts.store.history.list({ kind, name, idempotencyKey, limit: 1 });
    if (found.isErr()) return err(found.error);
    const [twin] = found.value;
    if (twin === undefined) return ok(undefined);
    onRecorded(twin.runId);
    return lives.get(twin.runId)?.done ?? storedRun(parts, twin);
  };

  return {
    join,
    async insteadOf(executable, { idempotencyKey, runId }, refusal, onRecorded) {
      if (refusal.code !== "INTEGRITY_VIOLATED") return err(refusal);
      if (idempotencyKey !== undefined) {
        const twin = await join(executable, idempotencyKey, onRecorded);
        if (twin.isErr()) return err(twin.error);
        if (twin.value !== undefined) return ok(twin.value);
      }
      return err(runId === undefined ? refusal : runExists(runId, refusal));
    },
  };
}
