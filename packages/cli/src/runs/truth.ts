import { orThrow, type OwnerRecord, type RunRecord, type RunStatus, type StepStatus, type Store } from "@spine/core";
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

/** A run with what is true of it. */
export interface JudgedRun {
  readonly run: RunRecord;
  readonly truth: RunTruth;
}

/** Judges runs, which must have been read before this is called. */
export async function judgeRuns(
  store: Pick<Store, "history" | "owners">,
  runs: readonly RunRecord[],
): Promise<readonly JudgedRun[]> {
  const running = runs.some(({ status }) => status === "RUNNING");
  const seen = running ? ownersSeen(await orThrow(store.owners.list())) : noOwners;
  const judged: JudgedRun[] = [];
  for (const run of runs) judged.push(await judge(store, run, seen));
  return judged;
}

/** Judges one run, which must have been read before this is called. */
export async function judgeRun(store: Pick<Store, "history" | "owners">, run: RunRecord): Promise<JudgedRun> {
  return judge(store, run, ownersSeen(await orThrow(store.owners.list())));
}

async function judge({ history }: Pick<Store, "history">, run: RunRecord, seen: OwnersSeen): Promise<JudgedRun> {
  const truth = truthOf(run, seen);
  if (truth.status !== "INTERRUPTED") return { run, truth };
  // Its process may have ended the run, and then itself, since the run was read.
  const now = (await orThrow(history.get({ runId: run.runId }))) ?? run;
  return { run: now, truth: now.fence === run.fence ? truthOf(now, seen) : runningElsewhere };
}

interface OwnersSeen {
  readonly known: ReadonlyMap<string, OwnerRecord>;
  /** Those whose process this machine can see is gone. */
  readonly gone: ReadonlySet<string>;
}

const noOwners: OwnersSeen = { known: new Map(), gone: new Set() };
/** Somebody has taken it over this moment. */
const runningElsewhere: RunTruth = { status: "RUNNING", owner: undefined, why: undefined, resume: undefined };

function ownersSeen(owners: readonly OwnerRecord[]): OwnersSeen {
  return {
    known: new Map(owners.map((owner) => [owner.owner, owner])),
    gone: new Set(deadHere(owners).map(({ owner }) => owner)),
  };
}

function truthOf(run: RunRecord, { known, gone }: OwnersSeen): RunTruth {
  const { status } = run;
  if (status === "COMPLETED" || status === "WAITING")
    return { status, owner: undefined, why: undefined, resume: undefined };
  const resume = `spine resume ${rootRunId(run)}`;
  if (status !== "RUNNING") return { status, owner: undefined, why: undefined, resume };
  const owner = run.owner === undefined ? undefined : known.get(run.owner);
  const why = whyInterrupted(owner, gone);
  if (why !== undefined) return { status: "INTERRUPTED", owner: undefined, why, resume };
  return {
    status,
    owner: owner === undefined ? undefined : { pid: owner.pid, place: owner.place, leaseUntil: owner.leaseUntil },
    why: undefined,
    resume: undefined,
  };
}

/** Who works on a run, or why nobody does. */
export function hintOf({ owner, why }: RunTruth): string {
  if (why !== undefined) return why;
  return owner === undefined ? "" : `process ${owner.pid}, lease until ${instantText(owner.leaseUntil)}`;
}

/** How to go on with a run, where that can be done. */
export function resumeText({ status, resume }: RunTruth): string | undefined {
  if (resume === undefined) return undefined;
  return status === "INTERRUPTED" ? `resume it with: ${resume}` : `go on with: ${resume}`;
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
