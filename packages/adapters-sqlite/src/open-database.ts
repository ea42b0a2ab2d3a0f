import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  DatabaseError,
  type ErrorCode,
  err,
  ok,
  type Result,
  resultAsync,
  type ResultAsync,
  type SpineError,
} from "@spine/core";
import { databaseError } from "@spine/sql";
import type Database from "better-sqlite3";
import { type Driver, loadDriver } from "./driver.ts";
import type { SqliteOptions } from "./sqlite.ts";
import { retryWhileBusy } from "./write-lock.ts";

/** The connections of one database: `:memory:` has one, a file has a second that only reads. */
export interface OpenDatabase {
  /** The file's absolute path, or `:memory:`. */
  readonly location: string;
  readonly writer: Database.Database;
  readonly reader: Database.Database | undefined;
}

/** What the driver may wait by itself, which freezes the event loop (design 4.12). */
const driverBusyMs = 10;

/** Opens a database, making the file when it is not there; says in a sentence why it cannot be opened. */
export function openDatabase(path: string, options: SqliteOptions): ResultAsync<OpenDatabase, SpineError> {
  return loadDriver().andThen((driver) =>
    resultAsync(async () => {
      const location = path === ":memory:" ? path : resolve(path);
      const usable = path === ":memory:" ? ok(undefined) : checkPath(path, location);
      if (usable.isErr()) return err(usable.error);
      let writer: Database.Database | undefined;
      try {
        const connection = new driver(location, { timeout: driverBusyMs });
        writer = connection;
        const { busyTimeoutMs = 10_000, durability = "normal" } = options;
        const configured = await retryWhileBusy(() => configure(connection, durability), { location, busyTimeoutMs });
        if (configured.isErr()) throw configured.error;
        return ok({ location, writer, reader: openReader(driver, location) });
      } catch (thrown) {
        writer?.close();
        return err(openError(location, thrown));
      }
    }),
  );
}

function configure(db: Database.Database, durability: "normal" | "full"): void {
  db.pragma("journal_mode = wal");
  db.pragma(`synchronous = ${durability === "full" ? "full" : "normal"}`);
  db.pragma("foreign_keys = on");
  db.pragma("trusted_schema = off");
  // What a burst of writes leaves of the log on disk.
  db.pragma(`journal_size_limit = ${64 * 1024 * 1024}`);
}

function openReader(driver: Driver, location: string): Database.Database | undefined {
  if (location === ":memory:") return undefined;
  const reader = new driver(location, { readonly: true, timeout: driverBusyMs });
  reader.pragma("trusted_schema = off");
  return reader;
}

/** What the driver would tell in fewer words. */
function checkPath(given: string, location: string): Result<void, SpineError> {
  const refuse = (code: ErrorCode, why: string, remedy: string): Result<void, SpineError> =>
    err(
      new DatabaseError(`Could not open SQLite ${location}: ${why} ${remedy}`, {
        code,
        context: { remedy, path: location },
      }),
    );
  if (given.trim() === "") return refuse("CONFIG_INVALID", "the path is empty.", "Pass a path or :memory:.");
  const folder = dirname(location);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return refuse("DATABASE_UNAVAILABLE", `the folder ${folder} does not exist.`, `mkdir -p "${folder}"`);
  }
  const file = statSync(location, { throwIfNoEntry: false });
  if (file?.isDirectory() === true)
    return refuse("DATABASE_UNAVAILABLE", "it is a folder.", "Pass the path of a file.");
  if (file !== undefined && !isWritable(location)) {
    return refuse("DATABASE_READ_ONLY", "this user may not write to the file.", `chmod u+w "${location}"`);
  }
  // SQLite keeps its write-ahead log beside the file.
  if (!isWritable(folder)) {
    return refuse("DATABASE_READ_ONLY", `this user may not write to the folder ${folder}.`, `chmod u+w "${folder}"`);
  }
  return ok(undefined);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    // The reason does not matter: there is only one question.
    return false;
  }
}

function openError(location: string, thrown: unknown): SpineError {
  return databaseError(thrown, { action: `open SQLite ${location}`, context: { path: location } });
}
