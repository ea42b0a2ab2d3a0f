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
  keyedTable: "without rowid",
  tableExists: "select name from sqlite_master where type = 'table' and name = ?",
});
