export { postgres, type PostgresOptions } from "./postgres.ts";
export { postgresAdapter } from "./postgres-adapter.ts";
