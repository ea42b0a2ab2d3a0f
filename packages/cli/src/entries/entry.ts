import type { Command } from "../command.ts";

/** A command as data: its usage, and where its code is. */
export interface CommandEntry {
  readonly name: string;
  /** Positional arguments in commander's notation: `<required>`, `[optional]`, `[several...]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options?: readonly CommandOption[];
  readonly examples?: readonly string[];
  /** Loaded when it is typed, so that `spine --help` costs nothing. */
  load(): Promise<Command>;
}

/** Commands about one thing. The first of them is the one meant when none is named. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly [CommandEntry, ...CommandEntry[]];
}

export interface CommandOption {
  readonly flags: string;
  readonly summary: string;
  /** Whether it may be given several times. @defaultValue false */
  readonly repeatable?: boolean;
  /** Whether the command cannot do without. @defaultValue false */
  readonly required?: boolean;
}

/** Which entries of a long list are shown. */
export const limitOption: CommandOption = { flags: "--limit <count>", summary: "how many (default: 20)" };

/** Who decided something, and on what grounds. */
export const decisionOptions: readonly CommandOption[] = [
  { flags: "--by <name>", summary: "who decides (default: the user of this machine)" },
  { flags: "--why <text>", summary: "on what grounds", required: true },
];
