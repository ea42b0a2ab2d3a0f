import { canonicalInstant } from "@spine/sql";
import { type CustomTypesConfig, types } from "pg";

type Parser = (text: string) => unknown;

/** Exact as a number, else a bigint: pg's own way is text. */
function parseInteger(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** By type oid (`select oid, typname from pg_type`). */
const parsers: Readonly<Record<number, Parser>> = {
  16: (text) => text === "t",
  20: parseInteger,
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  1184: canonicalInstant,
};

/** bytea, and arrays of text, varchar, int2, int4, float4, float8: pg's own parsers do what they should. */
const ownParsers = new Set([17, 1005, 1007, 1009, 1015, 1021, 1022]);

const asText: Parser = (text) => text;

const ownParser = types.getTypeParser as (oid: number, format: "text" | "binary") => Parser;

/**
 * How values come back on spine's connections, and only there (pg's global parsers are not touched): JSON, dates, numerics and all
 * that is not listed as text, instants as ISO text with milliseconds, never a Date.
 */
export const typeParsers: CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary" = "text") => {
    if (format === "binary" || ownParsers.has(oid)) return ownParser(oid, format);
    return parsers[oid] ?? asText;
  }) as CustomTypesConfig["getTypeParser"],
};
