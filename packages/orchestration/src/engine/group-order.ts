import { err, GroupError, ok, type Result, type SpineError } from "@spine/core";
import { groupExecutable } from "../groups/group-executable.ts";
import type { Executable } from "./executable.ts";
import { paramsTakenBy, type RunOptions } from "./prepare.ts";
import type { Run } from "./run.ts";
import type { EngineEnvironment } from "./scope.ts";

/** Runs a group that another one depends on. */
export type RunFirst = (executable: Executable, options: RunOptions) => Promise<Result<Run, SpineError>>;

/**
 * Sees to it that the groups a group depends on have completed: the last run of each, of the same partition and, where the run has
 * one, of the same batch. Fails with `GROUP_DEPENDENCY_UNMET`.
 */
export async function groupsBefore(
  executable: Executable,
  options: RunOptions,
  environment: EngineEnvironment,
  runFirst: RunFirst,
): Promise<Result<void, SpineError>> {
  const { dependencies = "check", dryRun = false } = options;
  const { store } = environment;
  if (store === undefined || dependencies === "ignore" || dryRun) return ok(undefined);
  for (const name of executable.dependsOnGroups ?? []) {
    const { partition, batchId } = options;
    const found = await store.history.list({ kind: "group", name, partition, batchId, limit: 1 });
    if (found.isErr()) return err(found.error);
    const [last] = found.value;
    if (last?.status === "COMPLETED") continue;
    if (dependencies === "check") return err(unmet(executable, name, options, last?.status));
    const run = await runBefore(name, options, environment, runFirst);
    if (run.isErr()) return err(run.error);
    if (run.value.status !== "COMPLETED") return err(unmet(executable, name, options, run.value.status));
  }
  return ok(undefined);
}

async function runBefore(
  name: string,
  options: RunOptions,
  environment: EngineEnvironment,
  runFirst: RunFirst,
): Promise<Result<Run, SpineError>> {
  const first = environment.groups.get(name).andThen(groupExecutable);
  if (first.isErr()) return err(first.error);
  // A group takes parameters that the one between it and the asked one does not, so all of them are handed on.
  const before = await groupsBefore(first.value, options, environment, runFirst);
  if (before.isErr()) return err(before.error);
  const { partition, batchId, asOf, signal, params = {} } = options;
  const taken = paramsTakenBy(first.value, params, environment);
  if (taken.isErr()) return err(taken.error);
  return runFirst(first.value, { params: taken.value, partition, batchId, asOf, signal, dependencies: "ignore" });
}

function unmet(
  { name }: Executable,
  dependency: string,
  { partition, batchId }: RunOptions,
  status: string | undefined,
): GroupError {
  const of = [
    ...(partition === undefined ? [] : [` of partition ${partition}`]),
    ...(batchId === undefined ? [] : [` in batch ${batchId}`]),
  ].join("");
  const state = status === undefined ? "has not run" : `ended ${status} last`;
  const why = status === "RUNNING" || status === "WAITING" ? `is ${status}` : state;
  return new GroupError(
    `Group "${name}" depends on group "${dependency}", which ${why}${of}. Run it first, or pass \`dependencies: "run"\`.`,
    { code: "GROUP_DEPENDENCY_UNMET", context: { group: name, dependency, status } },
  );
}
