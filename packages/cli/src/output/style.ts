import { stripVTControlCharacters } from "node:util";
import type { CliIo, CliOutput } from "../io.ts";

export type Colour = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

/** How text looks on one output. */
export interface Style {
  /** Whether it is a terminal: marks, bars and lines that change; else plain words. */
  readonly terminal: boolean;
  readonly columns: number;
  paint(colour: Colour, text: string): string;
}

const codes: Readonly<Record<Colour, readonly [number, number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
};

/** `NO_COLOR` (no-color.org) and `FORCE_COLOR` beat what the output is. */
export function styleOf(output: CliOutput, env: CliIo["env"]): Style {
  const terminal = output.isTTY === true;
  const coloured = (env["NO_COLOR"] ?? "") === "" && (isForced(env) || (terminal && env["TERM"] !== "dumb"));
  return {
    terminal,
    // Some terminals say 0 for what they do not know.
    columns: (output.columns ?? 0) > 0 ? (output.columns ?? 80) : 80,
    paint(colour, text) {
      const [open, close] = codes[colour];
      return coloured && text !== "" ? `\u001B[${open}m${text}\u001B[${close}m` : text;
    },
  };
}

/** Text of unknown origin for one line: no control characters, no line breaks. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

/** How many columns a text takes, colours not counted. */
export function widthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/** Cuts a text without colours to a width, with an ellipsis. */
export function fit(text: string, columns: number): string {
  const characters = Array.from(text);
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join("")}…`;
}

function isForced(env: CliIo["env"]): boolean {
  const forced = env["FORCE_COLOR"] ?? "";
  return forced !== "" && forced !== "0";
}
