// Parquet; needs the packages hyparquet and hyparquet-compressors.
export { parquet, type ParquetOptions, type ParquetRow } from "./formats/parquet-format.ts";
