import { DatabaseError, type ErrorCode, type SpineError } from "@spine/core";
import { databaseError } from "@spine/sql";

/** What pg says, without a code, when there is no connection (any more), or when the pool has none to give. */
const lostConnection =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying to connect|Query read timeout|Connection ended)/;

/** States whose class says something else than they do. Source: PostgreSQL documentation, appendix A. */
const states: Readonly<Record<string, ErrorCode>> = {
  // A parameter too many or too few is no broken connection.
  "08P01": "QUERY_INVALID",
  // The server has no slot left, or is starting or going down: it will pass.
  "53300": "DATABASE_UNAVAILABLE",
  "57P03": "DATABASE_UNAVAILABLE",
};

export function connectError(location: string, thrown: unknown): SpineError {
  return databaseError(thrown, { action: `connect to PostgreSQL ${location}`, code: codeOf(thrown) });
}

export function statementError(location: string, thrown: unknown, sql?: string): SpineError {
  return databaseError(thrown, { action: `run a statement on PostgreSQL ${location}`, sql, code: codeOf(thrown) });
}

export function exhaustedError(location: string, maxConnections: number, cause: unknown): SpineError {
  return new DatabaseError(
    `Could not get a connection to PostgreSQL ${location}: all ${maxConnections} are in use. Keep transactions short, or raise maxConnections.`,
    { code: "DATABASE_BUSY", cause, context: { remedy: "Raise maxConnections.", maxConnections } },
  );
}

/** Whether the connection is of no more use, rather than the statement. */
export function isLostConnection(error: SpineError): boolean {
  return error.code === "DATABASE_UNAVAILABLE" || error.code === "TX_TOO_LONG";
}

function codeOf(thrown: unknown): ErrorCode | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const state = "code" in thrown && typeof thrown.code === "string" ? states[thrown.code] : undefined;
  return state ?? (lostConnection.test(thrown.message) ? "DATABASE_UNAVAILABLE" : undefined);
}
