import { factsOf, type RunStatus } from "@spine/core";

/** What the process ends with: 0 done, 1 failed, 2 the command itself was wrong, 3 done in part. */
export const EXIT_CODES = Object.freeze({ DONE: 0, FAILED: 1, USAGE: 2, PARTIAL: 3, STOPPED: 130 });

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** Mistakes of who typed the command or wrote the project, beside everything of category CONFIG. */
const usageCodes: ReadonlySet<string> = new Set([
  "COMMAND_INVALID",
  "RUNNABLE_NOT_FOUND",
  "WORKFLOW_NOT_FOUND",
  "GROUP_NOT_FOUND",
  "PIPELINE_NOT_FOUND",
  "RUN_NOT_FOUND",
  "CAPTURE_NOT_FOUND",
  "ANOMALY_NOT_FOUND",
  "BACKFILL_NOT_FOUND",
  "PARTITION_UNEXPECTED",
  "STAGE_UNKNOWN",
  "PARAMS_INVALID",
  "INSTANT_INVALID",
  "DATE_INVALID",
  "WORKFLOW_INVALID",
  "GROUP_INVALID",
  "GROUP_CYCLE",
  "GROUP_DEPENDENCY_UNKNOWN",
  "PLAN_INVALID",
]);

/** The exit code of an error that kept a command from doing anything. */
export function exitCodeOfError(code: string): ExitCode {
  return usageCodes.has(code) || factsOf(code).category === "CONFIG" ? EXIT_CODES.USAGE : EXIT_CODES.FAILED;
}

const exitCodes: Readonly<Record<RunStatus, ExitCode>> = {
  COMPLETED: EXIT_CODES.DONE,
  WAITING: EXIT_CODES.DONE,
  RUNNING: EXIT_CODES.FAILED,
  FAILED: EXIT_CODES.FAILED,
  CANCELLED: EXIT_CODES.FAILED,
  PARTIAL: EXIT_CODES.PARTIAL,
};

/** The exit code of a command that ran something. */
export function exitCodeOfRun(status: RunStatus): ExitCode {
  return exitCodes[status];
}
