// Sources of databases; need the package kysely and the driver of its dialect.
export {
  type DatabaseQuery,
  type DatabaseQueryContext,
  databaseSource,
  type DatabaseSource,
  type DatabaseSourceOptions,
} from "./database/database-source.ts";
export type { WatermarkOptions } from "./database/watermark.ts";
