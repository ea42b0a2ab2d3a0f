import type { SerializedError } from "@spine/core";
import type { ExitCode } from "./exit-code.ts";
import type { CliIo } from "./io.ts";
import type { Style } from "./output/style.ts";

/** One command as it was typed, with the world it works in. */
export interface Invocation {
  readonly io: CliIo;
  /** Positional arguments, in the order of the command's usage. */
  readonly args: readonly string[];
  /** Options of the command and global ones, by camel-cased name. */
  readonly options: Options;
  /** How stdout looks. */
  readonly style: Style;
  /** Whether stdout is one JSON document and nothing is told on the way. */
  readonly json: boolean;
}

export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a command has to say at its end. */
export interface Report {
  readonly exitCode: ExitCode;
  /** For programs (`--json`). */
  readonly document: unknown;
  /** For people. */
  readonly lines: readonly string[];
  /** What went wrong on the way; told to people on stderr after the lines. Programs find it in the document. */
  readonly errors?: readonly SerializedError[];
}

/** Does one command. Throws SpineError when it could not; what it ran may also fail, which its report says. */
export type Command = (invocation: Invocation) => Promise<Report>;

/** An option that takes one value, if it was given. */
export function textOption({ options }: Invocation, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** An option that may be given several times. */
export function listOption({ options }: Invocation, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value : [];
}
