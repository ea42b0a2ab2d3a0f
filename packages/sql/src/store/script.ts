import { DatabaseError, err, ok, type Result, type SpineError, type SqlResult } from "@spine/core";
import type { SqlEngine, SqlSession, SyncStatements } from "../engine.ts";
import type { Query } from "./statement.ts";

/**
 * Statements that depend on one another and are one commit: asks for each by `yield`, goes on with what it gave, and returns the outcome.
 * Written once; an engine whose `hotForm` is `script` runs it without an await, another one sends statement after statement.
 */
export type Script<T> = Generator<Query, Result<T, SpineError>, SqlResult<never>>;

/** One statement of a script, its rows typed. */
export function* ask<Row>(query: Query): Generator<Query, SqlResult<Row>, SqlResult<never>> {
  return yield query;
}

/** Runs a script as one commit of its own, of which nothing is kept when it returns an Err. */
export async function runScript<T>(
  engine: SqlEngine,
  script: () => Script<T>,
  deadlineMs: number,
): Promise<Result<T, SpineError>> {
  if (engine.traits.hotForm === "script") return inBatch(engine, script);
  const begun = await engine.begin({ deadlineMs });
  if (begun.isErr()) return err(begun.error);
  const session = begun.value;
  const outcome = await statementByStatement(session, script);
  const ended = await (outcome.isOk() ? session.commit() : session.rollback());
  return outcome.andThen((value) => ended.map(() => value));
}

/** Runs a script inside a transaction, which an Err dooms. */
export async function joinScript<T>(
  session: SqlSession,
  script: () => Script<T>,
  form: "script" | "statement",
): Promise<Result<T, SpineError>> {
  return form === "script" ? inBatch(session, script) : statementByStatement(session, script);
}

/** In one synchronous go; an Err is thrown, so that nothing is kept of a commit, and comes back as it is. */
async function inBatch<T>(
  { batch }: Pick<SqlEngine, "batch">,
  script: () => Script<T>,
): Promise<Result<T, SpineError>> {
  if (batch === undefined) {
    throw new DatabaseError("An engine whose `hotForm` is `script` needs `batch`, on itself and on its sessions.", {
      code: "INTERNAL",
    });
  }
  return batch((statements) => {
    const outcome = run(statements, script());
    if (outcome.isErr()) throw outcome.error;
    return outcome.value;
  });
}

function run<T>(statements: SyncStatements, script: Script<T>): Result<T, SpineError> {
  let step = script.next();
  while (step.done !== true) step = script.next(statements.execute<never>(step.value.sql, step.value.params));
  return step.value;
}

async function statementByStatement<T>(
  session: Pick<SqlSession, "executeHot">,
  script: () => Script<T>,
): Promise<Result<T, SpineError>> {
  const running = script();
  let step = running.next();
  while (step.done !== true) {
    const executed = await session.executeHot<never>(step.value.sql, step.value.params);
    if (executed.isErr()) return err(executed.error);
    step = running.next(executed.value);
  }
  return step.value.andThen((value) => ok(value));
}
