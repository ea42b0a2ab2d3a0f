import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** The server that the house's global setup started, or was given. */
export const url = process.env["SPINE_TEST_PG_URL"];

/** Schemas of one test file, all dropped at the end. */
export interface Schemas {
  /** One that is empty: nobody has migrated it. */
  readonly next: () => string;
  /** An empty one, or one that was given back: migrated, without rows. */
  readonly take: () => string;
  readonly giveBack: (name: string) => Promise<void>;
  readonly drop: () => Promise<void>;
}

export function createSchemas(prefix: string): Schemas {
  const own = `${prefix}_${randomBytes(4).toString("hex")}`;
  const names: string[] = [];
  const clean: string[] = [];

  function next(): string {
    const name = `${own}_${names.length + 1}`;
    names.push(name);
    return name;
  }

  return {
    next,
    take: () => clean.pop() ?? next(),
    async giveBack(name) {
      await withClient((client) => client.query(cleaning(name)));
      clean.push(name);
    },
    async drop() {
      if (names.length === 0) return;
      await withClient(async (client) => {
        // One at a time: each holds a lock for each of its tables.
        for (const name of names.splice(0)) await client.query(`drop schema if exists ${name} cascade`);
      });
    },
  };
}

/** Runs `work` on a connection of its own. */
export async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A schema's own tables are emptied, what a test made beside them goes. Migrating takes a hundred times as long. */
function cleaning(schema: string): string {
  return `do $$ declare found record; begin
    for found in select tablename as name from pg_tables where schemaname = '${schema}' and tablename <> 'core_migrations' loop
      if found.name like 'core\\_%' then execute format('delete from %I.%I', '${schema}', found.name);
      else execute format('drop table %I.%I', '${schema}', found.name);
      end if;
    end loop;
    for found in select sequencename as name from pg_sequences where schemaname = '${schema}' loop
      execute format('alter sequence %I.%I restart', '${schema}', found.name);
    end loop;
  end $$`;
}
