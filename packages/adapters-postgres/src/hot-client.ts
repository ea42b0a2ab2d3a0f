import { err, ok, type Result, type SpineError, type SqlResult, type SqlRow, type SqlValue } from "@spine/core";
import { Client, type ClientConfig } from "pg";
import { connectError, statementError } from "./errors.ts";
import { toResult } from "./result-rows.ts";
import type { Statement } from "./statement-cache.ts";

/** A connection of its own for short statements that must never wait for anything: checkpoints, heartbeats, cancellations. */
export interface HotClient {
  /** One after another, each kept prepared. */
  execute<Row = SqlRow>(statement: Statement, params: readonly SqlValue[]): Promise<Result<SqlResult<Row>, SpineError>>;
  close(): Promise<void>;
}

/** Connects at first use, and again after the connection broke; a lost statement itself is not sent twice. */
export function createHotClient(config: ClientConfig, location: string): HotClient {
  let client: Client | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function connect(): Promise<Client> {
    const fresh = new Client(config);
    const drop = (): void => {
      if (client === fresh) client = undefined;
    };
    // Without a listener a lost connection would end the process.
    fresh.on("error", drop);
    fresh.on("end", drop);
    try {
      await fresh.connect();
    } catch (thrown) {
      void fresh.end().catch(() => undefined);
      throw thrown;
    }
    client = fresh;
    return fresh;
  }

  async function executeNow<Row>(
    { name, text }: Statement,
    params: readonly SqlValue[],
  ): Promise<Result<SqlResult<Row>, SpineError>> {
    let connection: Client;
    try {
      connection = client ?? (await connect());
    } catch (thrown) {
      return err(connectError(location, thrown));
    }
    try {
      setReferenced(connection, true);
      return ok(toResult(await connection.query({ name, text, values: [...params] })));
    } catch (thrown) {
      // Without a state it was not the statement that failed, so the connection is of no more use.
      if (!(thrown instanceof Error) || !("severity" in thrown)) {
        if (client === connection) client = undefined;
        void connection.end().catch(() => undefined);
      }
      return err(statementError(location, thrown, text));
    } finally {
      setReferenced(connection, false);
    }
  }

  return {
    execute<Row>(statement: Statement, params: readonly SqlValue[]) {
      const result = last.then(() => executeNow<Row>(statement, params));
      last = result;
      return result;
    },
    async close() {
      await last;
      if (client === undefined) return;
      // Its end has to be waited for, so it keeps the process alive again.
      setReferenced(client, true);
      await client.end().catch(() => undefined);
    },
  };
}

/** An idle connection does not keep the process alive. pg's types leave these two out. */
function setReferenced(client: Client, referenced: boolean): void {
  const socket = client as unknown as { ref(): void; unref(): void };
  if (referenced) socket.ref();
  else socket.unref();
}
