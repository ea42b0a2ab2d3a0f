import {
  err,
  type JsonObject,
  ok,
  OrchestrationError,
  type Result,
  type RunRecord,
  type RunStatus,
  type SpineError,
  type Store,
} from "@spine/core";
import { createOwner, deadHere, type Owner } from "./owner.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import type { Run } from "./run.ts";
import { runOfHistory } from "./run-setup.ts";
import type { EngineEnvironment } from "./scope.ts";

/** What an engine with a store has besides. */
export interface DurableParts {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly owner: Owner;
}

export function durableParts({ store, ids, clock, logger }: EngineEnvironment): DurableParts | undefined {
  if (store === undefined) return undefined;
  return {
    store,
    recorder: createRecorder(store, clock),
    owner: createOwner({ owners: store.owners, ids, clock, logger }),
  };
}

export interface ClaimOptions {
  /** Only a run of one of these statuses. @defaultValue all but COMPLETED */
  readonly statuses?: readonly RunStatus[] | undefined;
  readonly definition?: { readonly hash: string; readonly document: JsonObject } | undefined;
}

/** Takes a run over; captures its last owner was still writing end as FAILED, as nobody writes them any more. */
export async function claimRun(
  { store, owner }: DurableParts,
  record: RunRecord,
  options: ClaimOptions = {},
): Promise<Result<RunRecord, SpineError>> {
  const owned = await owner.ensure();
  if (owned.isErr()) return err(owned.error);
  const owners = await store.owners.list();
  if (owners.isErr()) return err(owners.error);
  const holder = owners.value.find((candidate) => candidate.owner === record.owner);
  const dead = holder === undefined ? undefined : deadHere([holder])[0];
  const claimed = await store.runs.claim({
    runId: record.runId,
    owner: owner.id,
    deadOwner: dead?.owner,
    ...options,
  });
  if (claimed.isErr()) return err(claimed.error);
  if (claimed.value === undefined) {
    const who = holder === undefined ? "Another process" : `Process ${holder.pid} (lease until ${holder.leaseUntil})`;
    return err(
      new OrchestrationError(`${who} is working on run ${record.runId}. Wait for it, or for its lease to run out.`, {
        code: "RUN_OWNED",
        context: { runId: record.runId, owner: record.owner, remedy: `spine show ${record.runId}` },
      }),
    );
  }
  // A process that this machine sees is gone keeps no lease: whatever else it left is free as well.
  if (dead !== undefined) await store.owners.retire({ owner: dead.owner });
  // A run that waited has no captures under way, and most runs that are claimed waited.
  if (record.status === "WAITING") return ok(claimed.value);
  const captures = await store.captures.list({ runId: record.runId, status: "RUNNING" });
  if (captures.isErr()) return err(captures.error);
  for (const { captureId } of captures.value) {
    const failed = await store.captures.fail({
      captureId,
      error: "The process that wrote it ended before it was complete.",
    });
    if (failed.isErr()) return err(failed.error);
  }
  return ok(claimed.value);
}

/** A run as the store has it, in the form in which callers get runs. */
export async function storedRun({ store }: DurableParts, record: RunRecord): Promise<Result<Run, SpineError>> {
  const steps = await store.history.steps({ runId: record.runId });
  return steps.map((records) => runOfHistory(record, records));
}
