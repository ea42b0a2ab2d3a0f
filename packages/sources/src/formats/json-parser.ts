import type { Json } from "@spine/core";

/** `JSON.parse` with the third argument of its reviver (ES2025), which TypeScript's library does not know yet. */
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => Json;

/**
 * Parses JSON; numbers of the fields in `exact` come as their own text. A key `__proto__` becomes an own property, as JSON.parse
 * makes it. Throws SyntaxError.
 */
export function createJsonParser(exact: readonly string[]): (text: string) => Json {
  if (exact.length === 0) return (text) => JSON.parse(text) as Json;
  const names = new Set(exact);
  return (text) =>
    parseWithSource(text, (key, value, { source }) =>
      typeof value === "number" && names.has(key) ? (source ?? value) : value,
    );
}
