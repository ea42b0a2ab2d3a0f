import { ConfigError, OrchestrationError, type RunRecord, SpineError } from "@spine/core";
import type { RunIdentity } from "../workflows/context.ts";
import type { Executable } from "./executable.ts";

export function runNotFound(runId: string): SpineError {
  return new OrchestrationError(`Run ${runId} is not in this store. List runs with \`spine runs\`.`, {
    code: "RUN_NOT_FOUND",
    context: { runId },
  });
}

export function notResumable({ runId, name }: RunRecord, why = "completed"): SpineError {
  return new OrchestrationError(`Run ${runId} of "${name}" ${why}, so there is nothing to resume. Start a new run.`, {
    code: "RUN_NOT_RESUMABLE",
    context: { runId },
  });
}

export function runEnded({ runId, name, status }: RunRecord, what: string): SpineError {
  return new OrchestrationError(`Run ${runId} of "${name}" ended ${status}, so it cannot be ${what} any more.`, {
    code: "RUN_ENDED",
    context: { runId, status, remedy: `spine show ${runId}` },
  });
}

export function runExists(runId: string, cause: SpineError): SpineError {
  return new OrchestrationError(
    `There is a run ${runId} already. Give the new run another id, or an idempotency key to join the one that is there.`,
    { code: "RUN_EXISTS", context: { runId, remedy: `spine show ${runId}` }, cause },
  );
}

export function notSubmittable({ kind, name }: Executable): SpineError {
  return new ConfigError(
    `The ${kind} "${name}" cannot be submitted: without a store, or as a dry run, nobody could ask what became of it. Use \`run\`.`,
    { code: "CAPABILITY_MISSING", context: { name } },
  );
}

export function cancelled(identity: RunIdentity, cause: unknown): SpineError {
  return new SpineError("CANCELLED", `Run ${identity.runId} of "${identity.name}" was cancelled.`, {
    context: { runId: identity.runId, remedy: `spine resume ${identity.runId}` },
    cause,
  });
}

export function runTimedOut(identity: RunIdentity, timeoutMs: number): SpineError {
  return new SpineError(
    "RUN_TIMEOUT",
    `Run ${identity.runId} of "${identity.name}" took longer than ${timeoutMs} ms.`,
    {
      context: { runId: identity.runId, timeoutMs, remedy: `spine resume ${identity.runId}` },
    },
  );
}

export function noSignals({ runId, name }: RunIdentity): SpineError {
  return new SpineError(
    "CAPABILITY_MISSING",
    `Run ${runId} of "${name}" waits for a signal, and a run without a store cannot get one. Give it memory(), sqlite() or postgres().`,
    { context: { runId } },
  );
}

export function shutDown(): SpineError {
  return new SpineError("HOST_CLOSED", "The process is ending, so it stopped working on this run. Resume the run.");
}
