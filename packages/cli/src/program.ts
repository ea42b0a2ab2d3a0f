import { readFileSync } from "node:fs";
import { Command as Commander, CommanderError, Option } from "commander";
import { SpineError } from "@spine/core";
import type { Options } from "./command.ts";
import { type CommandEntry, commandEntries, type CommandOption } from "./commands.ts";

/** What was typed, understood. */
export type Parsed =
  | {
      readonly kind: "command";
      readonly entry: CommandEntry;
      readonly args: readonly string[];
      readonly options: Options;
    }
  /** Help or the version: text to print, and nothing to do. */
  | { readonly kind: "text"; readonly text: string };

/** Understands a command line. Throws `COMMAND_INVALID`; the text names the nearest command or option. */
export function parseCommandLine(argv: readonly string[]): Parsed {
  let parsed: Parsed | undefined;
  let text = "";
  const program = createProgram((chosen) => {
    parsed = chosen;
  });
  // Settings are copied to subcommands when these are made, so each is told.
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (part) => void (text += part),
      writeErr: () => undefined,
    });
  }
  try {
    program.parse([...argv], { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return { kind: "text", text };
    if (argv.length === 0) return { kind: "text", text: program.helpInformation() };
    throw commandError(thrown);
  }
  return parsed ?? { kind: "text", text: program.helpInformation() };
}

function createProgram(choose: (parsed: Parsed) => void): Commander {
  const program = new Commander("spine")
    .description("Durable data pipelines: run them, look at their history, go on where they stopped.")
    .version(ownVersion(), "-V, --version", "print the version")
    .option("-c, --config <file>", "the configuration file (default: the nearest spine.config.ts)")
    .option("--store <url>", "another store: a SQLite file, postgres://…, memory")
    .option("--json", "one JSON document on stdout and nothing else")
    .helpCommand(false)
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong command, name or parameter, 3 done in part.");
  for (const entry of commandEntries) {
    const command = program.command(`${entry.name} ${entry.usage}`.trim()).description(entry.summary);
    for (const option of entry.options ?? []) command.addOption(optionOf(option));
    if (entry.examples !== undefined)
      command.addHelpText("after", `\nExamples:\n${entry.examples.map((line) => `  ${line}`).join("\n")}`);
    command.action(() => choose({ kind: "command", entry, args: command.args, options: command.optsWithGlobals() }));
  }
  return program;
}

function optionOf({ flags, summary, repeatable = false }: CommandOption): Option {
  const option = new Option(flags, summary);
  if (!repeatable) return option;
  return option.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
}

/** commander writes `error: unknown option '--jsn'\n(Did you mean --json?)`. */
function commandError({ message, code }: CommanderError): SpineError {
  if (code === "commander.help") {
    return new SpineError("COMMAND_INVALID", "No command was given.");
  }
  const text = message
    .replace(/^error: /, "")
    .replace(/\n\((.*)\)$/s, ". $1")
    .replace(/Did you mean ([^"?]+)\?$/, 'Did you mean "$1"?')
    .replaceAll("'", '"');
  const sentence = /[.?]$/.test(text) ? text : `${text}.`;
  return new SpineError("COMMAND_INVALID", `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`, {
    category: "CONFIG",
  });
}

function ownVersion(): string {
  const manifest: { readonly version?: string } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return manifest.version ?? "0.0.0";
}
