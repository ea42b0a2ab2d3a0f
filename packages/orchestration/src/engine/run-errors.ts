import { ConfigError, OrchestrationError, type RunRecord, type SpineError } from "@spine/core";
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
