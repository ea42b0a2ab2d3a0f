import type { SerializedError } from "@spine/core";
import { remedyOf } from "./remedy.ts";
import { oneLine, type Style } from "./style.ts";

/** An error for people: `error CODE: text`, then what to do. */
export function errorLines(error: SerializedError, style: Style): readonly string[] {
  const remedy = remedyOf(error);
  return [
    `${style.paint("red", `error ${error.code}:`)} ${oneLine(error.message)}`,
    ...(remedy === undefined ? [] : [`${style.paint("cyan", "→")} ${remedy}`]),
  ];
}

/** An error for programs: what is stored of it, with the remedy. */
export function errorDocument(error: SerializedError): SerializedError & { readonly remedy?: string } {
  const remedy = remedyOf(error);
  return { ...error, ...(remedy === undefined ? {} : { remedy }) };
}
