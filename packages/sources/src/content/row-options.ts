import { ConfigError, type JsonObject, type Schema } from "@spine/core";
import { type DelimitedFormat, type DelimitedOptions, resolveDelimitedOptions } from "../delimited/dialect.ts";
import { defaultExpansion, type ExpansionLimits } from "./compression.ts";
import type { RowFormat } from "../formats/row-format.ts";

/** How the bytes of a source become rows: the same for files, HTTP and object stores. */
export interface RowOptions<
  Column extends string = string,
  RowSchema extends Schema | undefined = Schema | undefined,
> extends DelimitedOptions<Column> {
  /**
   * `"delimited"`, or what `ndjson`, `json`, `fixedWidth` or `parquet` make. @defaultValue `"delimited"` when `delimiter` or `columns`
   * are given; else found: by the content's mark, the name's extension, the first characters
   */
  readonly format?: "delimited" | RowFormat;
  /** Any Standard Schema. Gets each row as the format has it and makes it what it should be; a row it refuses becomes a reject. */
  readonly schema?: RowSchema;
  /** Name of the file to read in a zip archive, or its extension: `.csv`. @defaultValue the only one */
  readonly member?: string;
  /** Most bytes that a packed content may unpack to. @defaultValue 64 GiB */
  readonly maxDecodedBytes?: number;
  /** Most times its size that a packed content may unpack to, behind the first 64 MiB. @defaultValue 250 */
  readonly maxExpansion?: number;
}

/** {@link RowOptions} with their defaults. */
export interface RowSettings {
  /** Undefined: to be found. */
  readonly format: "delimited" | RowFormat | undefined;
  readonly delimited: DelimitedFormat;
  readonly schema: Schema | undefined;
  readonly member: string | undefined;
  readonly limits: ExpansionLimits;
}

/** The options with their defaults. Throws `CONFIG_INVALID` for options that cannot be meant. */
export function resolveRowOptions(options: RowOptions): RowSettings {
  const { format, schema, member } = options;
  const { maxDecodedBytes = defaultExpansion.maxBytes, maxExpansion = defaultExpansion.maxRatio } = options;
  if (format !== undefined && format !== "delimited" && typeof format !== "object")
    throw new ConfigError(
      `format is ${JSON.stringify(format)}. Pass "delimited", or what ndjson(), json(), fixedWidth() or parquet() make.`,
    );
  for (const [name, value] of Object.entries({ maxDecodedBytes, maxExpansion }))
    if (!(value > 0)) throw new ConfigError(`${name} is ${value}, not a number above 0. Correct the option.`);
  const isDelimited = options.delimiter !== undefined || options.columns !== undefined;
  return Object.freeze({
    format: format ?? (isDelimited ? "delimited" : undefined),
    delimited: resolveDelimitedOptions(options),
    schema,
    member,
    limits: Object.freeze({ maxBytes: maxDecodedBytes, maxRatio: maxExpansion }),
  });
}

/** The settings as JSON, for people. */
export function describeRowSettings({ format, delimited, member }: RowSettings): JsonObject {
  const facts = member === undefined ? {} : { member };
  if (typeof format === "object") return Object.freeze({ format: format.kind, ...format.options, ...facts });
  const entries = Object.entries(delimited).filter(([, value]) => value !== undefined);
  const texts = entries.map(([key, value]) => [key, value instanceof RegExp ? String(value) : value]);
  return Object.freeze({ format: format ?? "found", ...Object.fromEntries(texts), ...facts });
}
