import type { OwnerRecord, RunRecord, RunStatus, StepStatus } from "@spine/core";
import { deadHere } from "@spine/orchestration";
import { instantText } from "../output/format.ts";

/** A status as people are told it: a run whose process is gone is not RUNNING, whatever was stored last. */
export type ShownStatus = RunStatus | "INTERRUPTED";
export type ShownStepStatus = StepStatus | "INTERRUPTED";

/** What is true of a run now, judged by its row and the owners' leases. */
export interface RunTruth {
  readonly status: ShownStatus;
  /** Who works on it, of a run that is RUNNING. */
  readonly owner: { readonly pid: number; readonly place: string; readonly leaseUntil: string } | undefined;
  /** Why it counts as interrupted. */
  readonly why: string | undefined;
  /** The command that goes on with it, of a run that has not completed and that nobody works on. */
  readonly resume: string | undefined;
}

/** Judges runs by one look at the owners. */
export function truthsBy(owners: readonly OwnerRecord[]): (run: RunRecord) => RunTruth {
  const known = new Map(owners.map((owner) => [owner.owner, owner]));
  const gone = new Set(deadHere(owners).map(({ owner }) => owner));
  return (run) => {
    const resume = `spine resume ${rootRunId(run)}`;
    if (run.status === "COMPLETED" || run.status === "WAITING") {
      return { status: run.status, owner: undefined, why: undefined, resume: undefined };
    }
    if (run.status !== "RUNNING") return { status: run.status, owner: undefined, why: undefined, resume };
    const owner = run.owner === undefined ? undefined : known.get(run.owner);
    const why = whyInterrupted(owner, gone);
    if (why !== undefined) return { status: "INTERRUPTED", owner: undefined, why, resume };
    return {
      status: "RUNNING",
      owner: owner === undefined ? undefined : { pid: owner.pid, place: owner.place, leaseUntil: owner.leaseUntil },
      why: undefined,
      resume: undefined,
    };
  };
}

/** A step that is RUNNING in a run nobody works on was cut off with it. */
export function shownStepStatus(status: StepStatus, run: ShownStatus): ShownStepStatus {
  return status === "RUNNING" && run !== "RUNNING" ? "INTERRUPTED" : status;
}

/** A child run's id begins with its parent's, so that a repeated step finds it; resuming is the root's business. */
export function rootRunId({ runId, parentRunId }: Pick<RunRecord, "runId" | "parentRunId">): string {
  return parentRunId === undefined ? runId : (runId.split(":", 1)[0] ?? runId);
}

function whyInterrupted(owner: OwnerRecord | undefined, gone: ReadonlySet<string>): string | undefined {
  if (owner === undefined) return "its process is not known any more";
  if (gone.has(owner.owner)) return `its process ${owner.pid} is gone`;
  return owner.alive ? undefined : `the lease of its process ${owner.pid} ran out at ${instantText(owner.leaseUntil)}`;
}
