import { setImmediate as yieldToOthers } from "node:timers/promises";
import { err, ok, type Result, type ResultAsync, resultAsync, SpineError, type SqlRow } from "@spine/core";
import { type Batch, databaseError, type SqlEngine, type SqlSession } from "@spine/sql";
import type { OpenDatabase } from "./open-database.ts";
import { sqliteTraits } from "./sqlite-traits.ts";
import { createStatements } from "./statements.ts";
import { createWriteLock, retryWhileBusy } from "./write-lock.ts";

/** Rows inserted before the event loop gets its turn; the lock is kept, so that they stay one commit. */
const rowsPerTurn = 5000;

/** SQLite as an engine: one connection that writes, one that reads, and a queue before the first. */
export function createSqliteEngine({ location, writer, reader }: OpenDatabase, busyTimeoutMs: number): SqlEngine {
  const busy = { location, busyTimeoutMs };
  const lock = createWriteLock(busy);
  const writes = createStatements(writer);
  const reads = reader === undefined ? undefined : createStatements(reader);
  let closing: ResultAsync<void, SpineError> | undefined;

  function attempt<T>(work: () => Promise<Result<T, SpineError>>, sql?: string): ResultAsync<T, SpineError> {
    return resultAsync(async () => {
      if (closing !== undefined)
        return err(new SpineError("HOST_CLOSED", `SQLite ${location} was closed. Open it again.`));
      try {
        return await work();
      } catch (thrown) {
        return err(failed(thrown, sql));
      }
    });
  }

  function failed(thrown: unknown, sql?: string): SpineError {
    return databaseError(thrown, { action: `run a statement on SQLite ${location}`, sql });
  }

  /** Runs `work` as the only writer of this process; whether of the machine, SQLite says by being busy. */
  async function alone<T>(work: () => Promise<Result<T, SpineError>>): Promise<Result<T, SpineError>> {
    const acquired = await lock.acquire();
    if (acquired.isErr()) return err(acquired.error);
    try {
      return await work();
    } finally {
      acquired.value();
    }
  }

  const begin = (): Promise<Result<number, SpineError>> =>
    retryWhileBusy(() => writes.sync.run("begin immediate", []), busy);

  /** An error that ends the transaction by itself (a full disk, say) leaves nothing to roll back. */
  function rollBack(): void {
    if (writer.inTransaction) writes.sync.run("rollback", []);
  }

  async function immediate<T>(work: () => T | Promise<T>): Promise<Result<T, SpineError>> {
    const begun = await begin();
    if (begun.isErr()) return err(begun.error);
    try {
      const outcome = work();
      // Not awaited when it is there already: nothing of others may come between begin and commit.
      const value = outcome instanceof Promise ? await outcome : outcome;
      writes.sync.run("commit", []);
      return ok(value);
    } catch (thrown) {
      rollBack();
      throw thrown;
    }
  }

  /** @param isOpen whether the transaction that the rows belong to is still there; asked after others had their turn */
  async function insertInTurns(
    table: string,
    rows: readonly SqlRow[],
    isOpen: () => boolean,
  ): Promise<Result<number, SpineError>> {
    for (let from = 0; from < rows.length; from += rowsPerTurn) {
      if (from > 0) await yieldToOthers();
      if (!isOpen()) return err(endedError(location));
      writes.insert(table, rows.slice(from, from + rowsPerTurn));
    }
    return ok(rows.length);
  }

  function openSession(release: () => void): SqlSession {
    let open = true;
    const during = <T>(work: () => T, sql?: string): ResultAsync<T, SpineError> =>
      attempt(async () => (open && writer.inTransaction ? ok(work()) : err(endedError(location))), sql);
    const end = (statement: string): ResultAsync<void, SpineError> =>
      resultAsync(async () => {
        if (!open) return ok(undefined);
        open = false;
        try {
          if (writer.inTransaction) writes.sync.run(statement, []);
          else if (statement === "commit") return err(endedError(location));
          return ok(undefined);
        } catch (thrown) {
          return err(failed(thrown, statement));
        } finally {
          rollBack();
          release();
        }
      });
    return {
      execute: (sql, params = []) => during(() => writes.execute(sql, params), sql),
      executeHot: (sql, params) => during(() => writes.sync.execute(sql, params), sql),
      insert: (table, rows) => attempt(() => insertInTurns(table, rows, () => open && writer.inTransaction)),
      batch: (work) => during(() => work(writes.sync)),
      commit: () => end("commit"),
      rollback: () => end("rollback"),
    };
  }

  const execute: SqlEngine["execute"] = (sql, params = []) =>
    attempt(async () => {
      if (!writes.isRead(sql)) return alone(() => retryWhileBusy(() => writes.execute(sql, params), busy));
      if (reads?.knows(sql) === true) return retryWhileBusy(() => reads.execute(sql, params), busy);
      return alone(async () => ok(writes.execute(sql, params)));
    }, sql);

  const executePrepared: SqlEngine["executePrepared"] = (sql, params) =>
    attempt(async () => {
      if (!writes.isRead(sql)) return alone(() => retryWhileBusy(() => writes.sync.execute(sql, params), busy));
      if (reads?.knows(sql) === true) return retryWhileBusy(() => reads.sync.execute(sql, params), busy);
      return alone(async () => ok(writes.sync.execute(sql, params)));
    }, sql);

  const batch: Batch = (work) => attempt(() => alone(() => immediate(() => work(writes.sync))));

  return Object.freeze<SqlEngine>({
    kind: "sqlite",
    location,
    traits: sqliteTraits,
    execute,
    executeHot: executePrepared,
    executePrepared,
    insert: (table, rows) =>
      attempt(() =>
        alone(async () =>
          (await immediate(() => insertInTurns(table, rows, () => true))).andThen((inserted) => inserted),
        ),
      ),
    begin: () =>
      attempt(async () => {
        const acquired = await lock.acquire();
        if (acquired.isErr()) return err(acquired.error);
        const release = acquired.value;
        try {
          const begun = await begin();
          if (begun.isOk()) return ok(openSession(release));
          release();
          return err(begun.error);
        } catch (thrown) {
          release();
          throw thrown;
        }
      }),
    batch,
    close() {
      closing ??= resultAsync(async () => {
        const acquired = await lock.acquire();
        reader?.close();
        writer.close();
        return acquired.map((release) => release());
      });
      return closing;
    },
  });
}

function endedError(location: string): SpineError {
  return new SpineError("TX_CLOSED", `The transaction on SQLite ${location} has ended.`);
}
