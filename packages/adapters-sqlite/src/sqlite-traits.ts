import type { SqlTraits } from "@spine/sql";
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";

export const sqliteTraits: SqlTraits = Object.freeze<SqlTraits>({
  dialect: {
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  },
  types: Object.freeze({
    key: "text",
    text: "text",
    instant: "text",
    json: "text",
    boolean: "integer",
    integer: "integer",
    bigint: "integer",
    real: "real",
  }),
  hotForm: "script",
  runEvents: "span",
  // SQLite with STAT4, as better-sqlite3 has it, compiles a statement again when a value changes that its planner looked at (10 times the
  // cost of running it); behind a plus it does not look (sqlite3.c, stat4ValueFromExpr).
  boundValue: "+?",
  keyedTable: "without rowid",
  rowAddress: "rowid",
  jsonTexts: "json_each(?)",
  primaryKey: "select name from pragma_table_info(?) where pk > 0 order by pk",
  columns: "select name, 0 as as_text from pragma_table_info(?) order by cid",
  tableExists: "select name from sqlite_master where type = 'table' and name = ?",
});
