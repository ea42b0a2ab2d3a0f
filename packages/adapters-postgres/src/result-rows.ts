import type { SqlResult } from "@spine/core";
import type { QueryResult } from "pg";

const writing = new Set(["INSERT", "UPDATE", "DELETE", "MERGE", "COPY"]);

export function toResult<Row>({ command, rowCount, rows }: QueryResult): SqlResult<Row> {
  return { rows: rows as Row[], rowsAffected: writing.has(command) ? (rowCount ?? 0) : 0 };
}
