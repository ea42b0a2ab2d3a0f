import {
  DatabaseError,
  err,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  SpineError,
  type SqlResult,
  type SqlValue,
} from "@spine/core";
import type { SqlSession } from "@spine/sql";
import type { PoolClient } from "pg";
import { copyIn } from "./copy-in.ts";
import { isLostConnection, statementError } from "./errors.ts";
import type { RunStatement } from "./postgres-engine.ts";

export interface SessionOptions {
  readonly client: PoolClient;
  readonly location: string;
  readonly run: RunStatement;
  /** Makes the server stop what the connection is doing. */
  readonly cancel: (processId: number) => PromiseLike<unknown>;
}

/** A pool's connection inside a transaction. Statements queue here, as pg's own queue is to go. */
export function openSession({ client, location, run, cancel }: SessionOptions): SqlSession {
  let last: Promise<unknown> = Promise.resolve();
  let running = 0;
  let ended = false;
  let lost: SpineError | undefined;
  const onLost = (thrown: Error): void => {
    lost = statementError(location, thrown);
  };
  client.on("error", onLost);

  function enqueue<T>(work: () => Promise<Result<T, SpineError>>): Promise<Result<T, SpineError>> {
    running += 1;
    const result = last.then(async () => {
      const outcome = lost === undefined ? await work() : err(lost);
      running -= 1;
      if (outcome.isErr() && isLostConnection(outcome.error)) lost ??= outcome.error;
      return outcome;
    });
    last = result;
    return result;
  }

  function during<T>(work: () => Promise<Result<T, SpineError>>): ResultAsync<T, SpineError> {
    const unlessEnded = async (): Promise<Result<T, SpineError>> => (ended ? err(endedError(location)) : work());
    return resultAsync(() => (ended ? unlessEnded() : enqueue(unlessEnded)));
  }

  async function end(statement: "commit" | "rollback"): Promise<Result<void, SpineError>> {
    if (ended) return ok(undefined);
    ended = true;
    if (statement === "rollback" && running > 0) await cancel(processIdOf(client));
    const outcome = await enqueue(() => finish(statement));
    client.removeListener("error", onLost);
    client.release(outcome.isErr() && lost !== undefined);
    return outcome;
  }

  async function finish(statement: "commit" | "rollback"): Promise<Result<void, SpineError>> {
    try {
      const { command } = await client.query(statement);
      // The server answers "ROLLBACK" to the commit of a transaction in which something failed.
      if (command === "COMMIT" || statement === "rollback") return ok(undefined);
      return err(
        new DatabaseError("A statement in the transaction failed, so nothing of it is kept.", { code: "TX_DOOMED" }),
      );
    } catch (thrown) {
      return err(statementError(location, thrown, statement));
    }
  }

  return {
    execute: <Row>(sql: string, params = []) => during<SqlResult<Row>>(() => run<Row>({ client, sql, params })),
    executeHot: <Row>(sql: string, params: readonly SqlValue[]) =>
      during<SqlResult<Row>>(() => run<Row>({ client, sql, params, isHot: true })),
    insert: (table, rows) =>
      during(async () => {
        if (rows.length === 0) return ok(0);
        try {
          return ok(await copyIn(client, table, rows));
        } catch (thrown) {
          return err(statementError(location, thrown, `copy ${table}`));
        }
      }),
    commit: () => resultAsync(() => end("commit")),
    rollback: () => resultAsync(() => end("rollback")),
  };
}

/** pg's types leave it out. */
function processIdOf(client: PoolClient): number {
  return (client as unknown as { readonly processID: number }).processID;
}

function endedError(location: string): SpineError {
  return new SpineError("TX_CLOSED", `The transaction on PostgreSQL ${location} has ended.`);
}
