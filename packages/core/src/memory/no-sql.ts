import { ConfigError } from "../errors/families.ts";
import { err, type Result } from "../result.ts";
import type { SqlExecutor } from "../store/sql.ts";
import type { Access } from "./access.ts";

/** Refuses every statement with `SQL_UNAVAILABLE`. */
export function createNoSql(access: Access): SqlExecutor {
  return Object.freeze<SqlExecutor>({
    execute: () => access.read(refuse),
    insert: () => access.read(refuse),
  });
}

/** `SQL_UNAVAILABLE`, to whatever needs rows. */
export function refuse(): Result<never, ConfigError> {
  return err(
    new ConfigError("The memory store has no SQL. Use sqlite() or postgres().", {
      code: "SQL_UNAVAILABLE",
    }),
  );
}
