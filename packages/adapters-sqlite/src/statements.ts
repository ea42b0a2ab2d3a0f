import { DatabaseError, quoteIdentifier, type SqlResult, type SqlRow, type SqlValue } from "@spine/core";
import type { SyncStatements } from "@spine/sql";
import type Database from "better-sqlite3";

/** Prepared statements of one connection, by their text. All of it is synchronous and throws what the driver throws. */
export interface Statements {
  /** Whether a statement reads and only reads. */
  isRead(sql: string): boolean;
  /** Whether this connection has what a statement names; another one may have temporary tables of its own. */
  knows(sql: string): boolean;
  execute<Row = SqlRow>(sql: string, params: readonly SqlValue[]): SqlResult<Row>;
  /** Inserts rows one by one through one prepared statement. */
  insert(table: string, rows: readonly SqlRow[]): number;
  readonly sync: SyncStatements;
}

/** How many texts are kept prepared; the least recently made one goes first. */
const maxPrepared = 500;

export function createStatements(db: Database.Database): Statements {
  const prepared = new Map<string, Database.Statement>();
  const firsts = new Map<string, Database.Statement>();
  const scripted = new Map<string, Database.Statement>();

  function prepare(sql: string): Database.Statement {
    return prepared.get(sql) ?? keep(prepared, sql, db.prepare(sql));
  }

  function execute<Row>(sql: string, params: readonly SqlValue[]): SqlResult<Row> {
    const statement = prepare(sql);
    const values = params.map((value) => toDriver(value));
    if (!statement.reader) return { rows: [], rowsAffected: statement.run(values).changes };
    // 64-bit integers come as bigint, so that none is rounded; those a number holds exactly become one.
    const rows = statement.safeIntegers(true).all(values) as Record<string, unknown>[];
    for (const row of rows) narrowIntegers(row);
    return { rows: rows as Row[], rowsAffected: statement.readonly ? 0 : rows.length };
  }

  return {
    isRead(sql) {
      const statement = prepare(sql);
      return statement.reader && statement.readonly;
    },
    knows(sql) {
      try {
        prepare(sql);
        return true;
      } catch {
        // Whoever runs it elsewhere gets the error if it is one.
        return false;
      }
    },
    execute,
    insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {});
      const names = columns.map(quoteIdentifier).join(", ");
      const marks = columns.map(() => "?").join(", ");
      const statement = prepare(`insert into ${quoteIdentifier(table)} (${names}) values (${marks})`);
      for (const row of rows) statement.run(columns.map((column) => toDriver(row[column], column)));
      return rows.length;
    },
    sync: {
      run: (sql, params) => prepare(sql).run(...params).changes,
      first(sql, params) {
        const statement = firsts.get(sql) ?? keep(firsts, sql, db.prepare(sql).raw(true));
        return statement.get(...params) as readonly unknown[] | undefined;
      },
      execute<Row>(sql: string, params: readonly SqlValue[]) {
        const statement = scripted.get(sql) ?? keep(scripted, sql, db.prepare(sql));
        const values = params.map((value) => (typeof value === "boolean" ? Number(value) : value));
        if (!statement.reader) return { rows: [], rowsAffected: statement.run(values).changes };
        const rows = statement.all(values) as Row[];
        return { rows, rowsAffected: statement.readonly ? 0 : rows.length };
      },
    },
  };
}

function keep(known: Map<string, Database.Statement>, sql: string, statement: Database.Statement): Database.Statement {
  if (known.size >= maxPrepared) {
    for (const oldest of known.keys()) {
      known.delete(oldest);
      break;
    }
  }
  known.set(sql, statement);
  return statement;
}

/** The driver binds every number as a float, which a column of text would store as "1.0", and takes no booleans. */
function toDriver(value: unknown, column?: string): unknown {
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
    case "boolean":
      return value ? 1n : 0n;
    case "undefined":
      throw new DatabaseError(
        column === undefined
          ? "A parameter is undefined. Pass null for no value."
          : `A row to insert has no "${column}". All rows have the columns of the first one; pass null for no value.`,
        { code: "QUERY_INVALID" },
      );
    default:
      return value;
  }
}

function narrowIntegers(row: Record<string, unknown>): void {
  for (const name in row) {
    const value = row[name];
    if (typeof value === "bigint" && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      row[name] = Number(value);
    }
  }
}
