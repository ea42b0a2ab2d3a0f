import { classify, DatabaseError, type ErrorCode, type ErrorContext, SpineError } from "@spine/core";

export interface DatabaseErrorOptions {
  /** What could not be done, after "Could not": `open SQLite /data/spine.db`. */
  readonly action: string;
  /** The statement, without its parameters. */
  readonly sql?: string | undefined;
  /** Beats the table of codes. */
  readonly code?: ErrorCode | undefined;
  readonly context?: ErrorContext | undefined;
}

const remedies: Partial<Record<ErrorCode, string>> = {
  DATABASE_UNAVAILABLE: "Check that the database runs and that its address is right.",
  DATABASE_BUSY: "Find who holds the lock, or try again later.",
  DATABASE_READ_ONLY: "Give this user the right to write to the database and its folder.",
  DATABASE_CORRUPT: "Check the path; restore the database from a copy if it is the right one.",
  DATABASE_CONFLICT: "Run the transaction again.",
  DISK_FULL: "Make room on the disk.",
  AUTHENTICATION_FAILED: "Check user and password.",
  AUTHORIZATION_FAILED: "Grant the right to this user.",
};

/** What a driver threw, as spine's error: one code, one sentence, the driver's own words and code kept. */
export function databaseError(thrown: unknown, options: DatabaseErrorOptions): SpineError {
  if (thrown instanceof SpineError) return thrown;
  const code = options.code ?? codeOf(thrown);
  const remedy = remedies[code];
  return new DatabaseError(`Could not ${options.action}: ${sentence(textOf(thrown))}`, {
    code,
    cause: thrown,
    context: {
      ...(remedy === undefined ? {} : { remedy }),
      ...(options.sql === undefined ? {} : { sql: shorten(options.sql) }),
      ...driverFacts(thrown),
      ...options.context,
    },
  });
}

/** A broken connection is the database's, not any network's: whoever routes or retries by category must see that. */
function codeOf(thrown: unknown): ErrorCode {
  // Drivers throw these two, without a code, for parameters they cannot bind.
  if (thrown instanceof RangeError || thrown instanceof TypeError) return classify(thrown) ?? "QUERY_INVALID";
  const code = classify(thrown) ?? "DATABASE_ERROR";
  return code === "NETWORK_ERROR" || code === "TIMEOUT" ? "DATABASE_UNAVAILABLE" : code;
}

/** What the driver says of where it happened; `detail` names keys and values of the row. */
function driverFacts(thrown: unknown): ErrorContext {
  if (typeof thrown !== "object" || thrown === null) return {};
  const facts = ["code", "constraint", "table", "column", "detail", "hint", "position"].flatMap((key) => {
    const value: unknown = (thrown as Record<string, unknown>)[key];
    return typeof value === "string" ? [[key === "code" ? "driverCode" : key, value] as const] : [];
  });
  return Object.fromEntries(facts);
}

function textOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === "") return thrown.errors.map(textOf).join("; ");
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function shorten(sql: string): string {
  const line = sql.replaceAll(/\s+/g, " ").trim();
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}
