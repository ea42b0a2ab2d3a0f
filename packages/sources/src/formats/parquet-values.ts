import { instantOfMs } from "@spine/core";
import { type FileMetaData, parquetSchema, type ParquetParsers, type SchemaElement, type SchemaTree } from "hyparquet";

/** A column whose values the library would make inexact, with what makes them exact. */
export interface ExactColumn {
  readonly name: string;
  readonly convert: (value: unknown) => unknown;
}

/** What the library makes of values it knows the type of. */
export const exactParsers: Partial<ParquetParsers> = Object.freeze({
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
  timestampFromMilliseconds: (count: bigint) => timestampText(count, 1000n, true),
  timestampFromMicroseconds: (count: bigint) => timestampText(count, 1_000_000n, true),
  timestampFromNanoseconds: (count: bigint) => timestampText(count, 1_000_000_000n, true),
});

/**
 * Takes the annotations of decimals and timestamps off the metadata, so that the library hands out the integers behind them, and says
 * how to write those. Also 64-bit integers, which are numbers where that is exact.
 */
export function exactColumns(metadata: FileMetaData, columns: readonly string[] | undefined): readonly ExactColumn[] {
  const exact: ExactColumn[] = [];
  for (const tree of parquetSchema(metadata).children) {
    const convert = converterOf(tree);
    const { name } = tree.element;
    if (convert !== undefined && columns?.includes(name) !== false) exact.push({ name, convert });
  }
  return exact;
}

type Converter = (value: unknown) => unknown;

function converterOf({ element, children }: SchemaTree): Converter | undefined {
  if (children.length === 0) return leafConverter(element);
  const inner = children.map((child) => [child.element.name, converterOf(child)] as const);
  if (inner.every(([, convert]) => convert === undefined)) return undefined;
  return (value) => convertNested(value, new Map(inner), inner);
}

/** Lists, maps and structs come as arrays and objects; the levels between that only the file has do not show. */
function convertNested(
  value: unknown,
  byName: ReadonlyMap<string, Converter | undefined>,
  inner: readonly (readonly [string, Converter | undefined])[],
): unknown {
  if (value === null || value === undefined) return value;
  const [only] = inner;
  if (Array.isArray(value)) {
    return value.map((member) =>
      inner.length === 1 && only?.[1] !== undefined
        ? convertValue(member, only[1])
        : convertNested(member, byName, inner),
    );
  }
  if (typeof value === "object" && !(value instanceof Uint8Array)) {
    const entries = Object.entries(value).map(([key, member]) => {
      const convert = byName.get(key);
      return [key, convert === undefined ? member : convertValue(member, convert)];
    });
    return Object.fromEntries(entries);
  }
  return only?.[1] === undefined ? value : only[1](value);
}

function convertValue(value: unknown, convert: Converter): unknown {
  return value === null || value === undefined ? value : convert(value);
}

function leafConverter(element: SchemaElement): Converter | undefined {
  const { converted_type: converted, logical_type: logical } = element;
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    delete element.converted_type;
    delete element.logical_type;
    return (value) => decimalText(value, scale);
  }
  if (logical?.type === "TIMESTAMP" && element.type === "INT64") {
    delete element.converted_type;
    delete element.logical_type;
    const perSecond = { MILLIS: 1000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n }[logical.unit];
    return (value) => (typeof value === "bigint" ? timestampText(value, perSecond, logical.isAdjustedToUTC) : value);
  }
  if (element.type === "INT64" && converted !== "TIMESTAMP_MILLIS" && converted !== "TIMESTAMP_MICROS")
    return safeInteger;
  return undefined;
}

function safeInteger(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The integer behind a decimal, two's complement in big-endian order when it is bytes, with its point put in. */
function decimalText(value: unknown, scale: number): unknown {
  const unscaled = value instanceof Uint8Array ? integerOf(value) : value;
  if (typeof unscaled !== "bigint" && typeof unscaled !== "number") return value;
  const digits = String(unscaled);
  const sign = digits.startsWith("-") ? "-" : "";
  const whole = digits.slice(sign.length);
  if (scale <= 0) return sign + whole + (whole === "0" ? "" : "0".repeat(-scale));
  const padded = whole.padStart(scale + 1, "0");
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

function integerOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}

/** ISO 8601 with milliseconds, and more digits when there is something in them. */
function timestampText(count: bigint, perSecond: bigint, isUtc: boolean): string {
  const perMs = perSecond / 1000n;
  const below = ((count % perMs) + perMs) % perMs;
  const instant = instantOfMs(Number((count - below) / perMs));
  const fraction = below === 0n ? "" : String(below).padStart(String(perMs).length - 1, "0");
  return `${instant.slice(0, -1)}${fraction}${isUtc ? "Z" : ""}`;
}
