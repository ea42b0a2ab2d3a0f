export { sqlite, type SqliteOptions } from "./sqlite.ts";
export { sqliteAdapter } from "./sqlite-adapter.ts";
