import {
  err,
  ok,
  type Result,
  type ResultAsync,
  resultAsync,
  SpineError,
  type SqlResult,
  type SqlValue,
} from "@spine/core";
import { checkParameters, type SqlEngine, type SqlTraits } from "@spine/sql";
import { type ClientBase, type ClientConfig, Pool, type PoolClient } from "pg";
import { copyIn } from "./copy-in.ts";
import { connectError, exhaustedError, statementError } from "./errors.ts";
import { createHotClient } from "./hot-client.ts";
import { toResult } from "./result-rows.ts";
import { openSession } from "./session.ts";
import { createStatementCache } from "./statement-cache.ts";

export interface EngineOptions {
  readonly config: ClientConfig;
  /** For the connection of checkpoints and heartbeats. */
  readonly hotConfig: ClientConfig;
  readonly location: string;
  readonly traits: SqlTraits;
  readonly maxConnections: number;
}

export interface StatementRun {
  readonly client: ClientBase;
  readonly sql: string;
  readonly params: readonly SqlValue[];
  /** Whether the connection keeps it prepared. @defaultValue false */
  readonly isHot?: boolean;
}

export type RunStatement = <Row>(statement: StatementRun) => Promise<Result<SqlResult<Row>, SpineError>>;

/** PostgreSQL as an engine: a pool, and one connection beside it that nothing holds up. */
export function createPostgresEngine({
  config,
  hotConfig,
  location,
  traits,
  maxConnections,
}: EngineOptions): SqlEngine {
  const pool = new Pool({ ...config, max: maxConnections, allowExitOnIdle: true });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => undefined);
  const hot = createHotClient(hotConfig, location);
  const statementOf = createStatementCache();
  let closing: ResultAsync<void, SpineError> | undefined;

  const run: RunStatement = async <Row>({ client, sql, params, isHot = false }: StatementRun) => {
    const statement = statementOf(sql, params);
    const checked = checkParameters(statement, params);
    if (checked.isErr()) return err(checked.error);
    try {
      const query = { text: statement.text, values: [...params] };
      // Extended also without parameters: the simple protocol would take several statements at once.
      const mode = isHot ? { name: statement.name } : { queryMode: "extended" };
      return ok(toResult<Row>(await client.query({ ...query, ...mode })));
    } catch (thrown) {
      return err(statementError(location, thrown, sql));
    }
  };

  async function connect(): Promise<Result<PoolClient, SpineError>> {
    if (closing !== undefined)
      return err(new SpineError("HOST_CLOSED", `PostgreSQL ${location} was closed. Open it again.`));
    try {
      return ok(await pool.connect());
    } catch (thrown) {
      if (pool.totalCount >= maxConnections && pool.idleCount === 0)
        return err(exhaustedError(location, maxConnections, thrown));
      return err(connectError(location, thrown));
    }
  }

  /** Runs `work` on a connection that nobody else has meanwhile. */
  function connected<T>(work: (client: PoolClient) => Promise<Result<T, SpineError>>): ResultAsync<T, SpineError> {
    return resultAsync(async () => {
      const client = await connect();
      if (client.isErr()) return err(client.error);
      let broken = false;
      const onLost = (): void => {
        broken = true;
      };
      client.value.on("error", onLost);
      const outcome = await work(client.value);
      client.value.removeListener("error", onLost);
      client.value.release(broken);
      return outcome;
    });
  }

  return Object.freeze<SqlEngine>({
    kind: "postgres",
    location,
    traits,
    execute: (sql, params = []) => connected((client) => run({ client, sql, params })),
    executePrepared: (sql, params) => connected((client) => run({ client, sql, params, isHot: true })),
    executeHot: (sql, params) => resultAsync(() => hot.execute(statementOf(sql, params), params)),
    insert: (table, rows) =>
      connected(async (client) => {
        if (rows.length === 0) return ok(0);
        try {
          return ok(await copyIn(client, table, rows));
        } catch (thrown) {
          return err(statementError(location, thrown, `copy ${table}`));
        }
      }),
    begin: ({ deadlineMs }) =>
      resultAsync(async () => {
        const client = await connect();
        if (client.isErr()) return err(client.error);
        try {
          await client.value.query(beginStatement(deadlineMs));
        } catch (thrown) {
          client.value.release(true);
          return err(statementError(location, thrown, "begin"));
        }
        const cancel = (processId: number): PromiseLike<unknown> =>
          hot.execute(statementOf("select pg_cancel_backend(?)", [processId]), [processId]);
        return ok(openSession({ client: client.value, location, run, cancel }));
      }),
    close() {
      closing ??= resultAsync(async () => {
        await Promise.all([hot.close(), pool.end()]);
        return ok(undefined);
      });
      return closing;
    },
  });
}

/** The server enforces the deadline too, in case this process stops running: no lock outlives it. */
function beginStatement(deadlineMs: number): string {
  const limitMs = Math.ceil(deadlineMs) + 1000;
  return `begin; set local statement_timeout = ${limitMs}; set local idle_in_transaction_session_timeout = ${limitMs}`;
}
