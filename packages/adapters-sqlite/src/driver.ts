import { ConfigError, err, ok, type Result, type ResultAsync, resultAsync, type SpineError } from "@spine/core";
import type Database from "better-sqlite3";

export type Driver = typeof Database;

/**
 * Loads better-sqlite3. Fails with `CONFIG_INVALID` on a Node it cannot run on, before it is loaded: its version 13 ends a process of
 * Node 20 with a segmentation fault and no message. Fails with `CONFIG_MISSING` when it is not installed.
 */
export function loadDriver(nodeVersion: string = process.versions.node): ResultAsync<Driver, SpineError> {
  return resultAsync(async (): Promise<Result<Driver, SpineError>> => {
    const [major = 0] = nodeVersion.split(".").map(Number);
    if (major < 22) {
      return err(
        new ConfigError(
          `SQLite needs Node 22 or later and this is ${nodeVersion}, on which better-sqlite3 would crash. Install Node 24.`,
          {
            code: "CONFIG_INVALID",
            context: { remedy: "Install Node 24." },
          },
        ),
      );
    }
    try {
      return ok((await import("better-sqlite3")).default);
    } catch (cause) {
      return err(
        new ConfigError(
          "SQLite needs the package better-sqlite3, which could not be loaded. Run `npm install better-sqlite3`.",
          {
            code: "CONFIG_MISSING",
            context: { remedy: "npm install better-sqlite3" },
            cause,
          },
        ),
      );
    }
  });
}
