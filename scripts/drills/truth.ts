import { type AttemptRecord, type Capture, orThrow, type RunRecord, type StepRecord, type Store } from "@spine/core";
import { deadHere } from "@spine/orchestration";

/** Everything a store says of one run, read once. */
export interface RunPicture {
  readonly run: RunRecord;
  readonly steps: readonly StepRecord[];
  readonly attempts: readonly AttemptRecord[];
  readonly captures: readonly Capture[];
  /** Rows of each capture in the data tables. */
  readonly rowsOf: ReadonlyMap<string, number>;
}

export async function pictureOf(store: Store, run: RunRecord, tables: readonly string[]): Promise<RunPicture> {
  const { runId } = run;
  const rowsOf = new Map<string, number>();
  for (const table of tables) {
    const { rows } = await orThrow(
      store.sql.execute<{ capture_id: string; count: number }>(
        `select capture_id, count(*) as count from ${table} group by capture_id`,
      ),
    );
    for (const { capture_id, count } of rows) rowsOf.set(capture_id, (rowsOf.get(capture_id) ?? 0) + count);
  }
  return {
    run,
    steps: await orThrow(store.history.steps({ runId })),
    attempts: await orThrow(store.history.attempts({ runId })),
    captures: await orThrow(store.captures.list({ runId, limit: 1000 })),
    rowsOf,
  };
}

/** What is untrue of a run whose process was killed and that nobody has touched since. */
export async function untruthsOfInterrupted(store: Store, picture: RunPicture): Promise<readonly string[]> {
  const { run, steps } = picture;
  if (run.status === "COMPLETED") return untruths(store, picture);
  const problems = [...(await untruths(store, picture))];
  if (run.status !== "RUNNING") problems.push(`the run is ${run.status}, and its process was killed`);
  if (run.completedAt !== undefined) problems.push("the run has an end, and its process was killed");
  // One at a time, or none: a step that ended by its own commit has done so before the next one begins.
  const begun = steps.filter(({ status }) => status === "RUNNING").length;
  if (begun > 1) problems.push(`${begun} steps are shown as begun in a run that does one after another`);
  const owners = await orThrow(store.owners.list());
  const owner = owners.find((candidate) => candidate.owner === run.owner);
  if (owner === undefined) problems.push("the run has no owner");
  else if (deadHere([owner]).length === 0) problems.push(`owner ${owner.pid} of the run is shown as living`);
  return problems;
}

/** What is untrue of a run that was resumed and went on to its end. */
export async function untruthsOfResumed(
  store: Store,
  before: RunPicture | undefined,
  after: RunPicture,
): Promise<readonly string[]> {
  const problems = [...(await untruths(store, after))];
  if (after.run.status !== "COMPLETED") problems.push(`the run ended ${after.run.status}`);
  if (after.run.owner !== undefined) problems.push(`the run ended and is still owned by ${after.run.owner}`);
  for (const earlier of before?.steps ?? []) {
    const now = after.steps.find(({ step }) => step === earlier.step);
    if (earlier.status === "COMPLETED" && JSON.stringify(now) !== JSON.stringify(earlier))
      problems.push(`step "${earlier.step}" was COMPLETED before and was touched again`);
    if (earlier.status === "RUNNING" && now?.attempt !== earlier.attempt + 1)
      problems.push(
        `step "${earlier.step}" was interrupted at attempt ${earlier.attempt} and ended at ${now?.attempt}`,
      );
  }
  for (const { step, status, attempt } of after.steps) {
    if (status === "RUNNING") problems.push(`step "${step}" is still RUNNING`);
    const tries = after.attempts.filter((record) => record.step === step);
    if (tries.length > attempt) problems.push(`step "${step}" is at attempt ${attempt} and has ${tries.length}`);
  }
  for (const { captureId, status } of after.captures)
    if (status === "RUNNING") problems.push(`capture ${captureId} is still RUNNING`);
  return problems;
}

/** Throws when something was found. */
export function refuse(problems: readonly string[], when: string): void {
  if (problems.length > 0) throw new Error(`${when}: ${problems.join("; ")}`);
}

/** What a picture of a run says that cannot be true of it, whether it is interrupted, failed or done. */
async function untruths(store: Store, picture: RunPicture): Promise<readonly string[]> {
  const { run, steps, attempts, captures, rowsOf } = picture;
  const problems: string[] = [];
  const say = (holds: boolean, problem: string): void => void (holds || problems.push(problem));

  const completed = steps.filter(({ status }) => status === "COMPLETED");
  const isCompleted = new Set(completed.map(({ step }) => step));
  for (const { step, kind, output } of completed) {
    const tries = attempts.filter((attempt) => attempt.step === step && attempt.status === "COMPLETED");
    say(tries.length === 1, `step "${step}" is COMPLETED and has ${tries.length} completed attempts`);
    say(output !== undefined || kind !== "pipeline", `step "${step}" is COMPLETED and has no output`);
  }
  for (const capture of captures) {
    const { captureId, step = "", status, availableAt, rowCount, domain, partition, stage, tier } = capture;
    const name = `capture ${captureId} of step "${step}"`;
    if (status === "COMPLETE") {
      say(isCompleted.has(step), `${name} is COMPLETE and its step is not`);
      say(availableAt !== undefined, `${name} is COMPLETE and not available`);
      say(rowsOf.get(captureId) === rowCount, `${name} says ${rowCount} rows and has ${rowsOf.get(captureId) ?? 0}`);
    } else {
      say(availableAt === undefined, `${name} is ${status} and available`);
    }
    const current = await orThrow(store.captures.resolve({ domain, partition, stage, tier }));
    const isRead = current?.captureId === captureId;
    say(status === "COMPLETE" || !isRead, `readers see ${name}, which is ${status}`);
    say(status !== "COMPLETE" || current !== undefined, `nobody can read ${name}`);
    say(!isCompleted.has(step) || status !== "RUNNING", `${name} is RUNNING and its step is done`);
  }
  say(run.counts.completed === completed.length, `the run counts ${run.counts.completed} of ${completed.length} steps`);
  const told = (await orThrow(store.history.events({ runId: run.runId, limit: 10_000 })))
    .filter(({ type }) => type === "step.completed")
    .map(({ step }) => step);
  say(
    told.length === completed.length && completed.every(({ step }) => told.includes(step)),
    `the event log tells of ${told.length} completed steps, the rows of ${completed.length}`,
  );
  return problems;
}
