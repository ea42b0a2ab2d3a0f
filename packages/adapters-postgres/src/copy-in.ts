import { once } from "node:events";
import type { Duplex } from "node:stream";
import { DatabaseError, quoteIdentifier, type SqlRow } from "@spine/core";
import type { ClientBase, Submittable } from "pg";

/** The part of pg's connection that `copy` needs; its types leave it out. */
interface CopyConnection {
  readonly stream: Duplex;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

const chunkCharacters = 64 * 1024;

/** Loads rows by `copy … from stdin`, the fastest way in; all rows or none. Resolves to their number. */
export function copyIn(client: ClientBase, table: string, rows: readonly SqlRow[]): Promise<number> {
  const columns = Object.keys(rows[0] ?? {});
  const text = `copy ${quoteIdentifier(table)} (${columns.map(quoteIdentifier).join(", ")}) from stdin`;
  return new Promise((resolve, reject) => {
    client.query(
      createCopyQuery(text, encodeRows(rows, columns), (error) =>
        error === undefined ? resolve(rows.length) : reject(error),
      ),
    );
  });
}

/** A query as pg's client drives it: it calls these as the server's messages come in. */
function createCopyQuery(text: string, chunks: Iterable<Buffer>, callback: (error?: unknown) => void): Submittable {
  let failure: unknown;
  let ended = false;

  function finish(error?: unknown): void {
    if (ended) return;
    ended = true;
    callback(error);
  }

  async function send(connection: CopyConnection): Promise<void> {
    try {
      for (const chunk of chunks) {
        if (failure !== undefined || ended) return;
        connection.sendCopyFromChunk(chunk);
        if (connection.stream.writableNeedDrain) await once(connection.stream, "drain");
      }
      connection.endCopyFrom();
    } catch (thrown) {
      failure ??= thrown;
      connection.sendCopyFail("the rows could not be encoded");
    }
  }

  const query = {
    submit(connection: unknown) {
      (connection as CopyConnection).query(text);
    },
    handleCopyInResponse: (connection: CopyConnection) => void send(connection),
    handleError(error: unknown) {
      failure ??= error;
      finish(failure);
    },
    handleReadyForQuery: () => finish(failure),
    handleCommandComplete: () => undefined,
    handleRowDescription: () => undefined,
    handleDataRow: () => undefined,
    handleEmptyQuery: () => undefined,
    handlePortalSuspended: () => undefined,
    handleCopyData: () => undefined,
  };
  return query;
}

/** Rows in the text format of `copy`, some 64 KiB at a time. */
function* encodeRows(rows: readonly SqlRow[], columns: readonly string[]): Generator<Buffer> {
  let text = "";
  for (const row of rows) {
    let separator = "";
    for (const column of columns) {
      text += separator + encodeValue(row[column], column);
      separator = "\t";
    }
    text += "\n";
    if (text.length >= chunkCharacters) {
      yield Buffer.from(text);
      text = "";
    }
  }
  if (text !== "") yield Buffer.from(text);
}

const special = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function encodeValue(value: unknown, column: string): string {
  switch (typeof value) {
    case "string":
      return value.replace(special, (character) => escapes[character] ?? character);
    case "number":
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "t" : "f";
    default:
      if (value === null) return "\\N";
      if (value instanceof Uint8Array)
        return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;
      throw new DatabaseError(
        value === undefined
          ? `A row to insert has no "${column}". All rows have the columns of the first one; pass null for no value.`
          : `Column "${column}" of a row to insert is not text, a number, a boolean, bytes or null. Encode it first.`,
        { code: "QUERY_INVALID" },
      );
  }
}
