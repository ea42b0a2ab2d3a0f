import { readFileSync } from "node:fs";
import { Command as Commander, CommanderError, Option } from "commander";
import { didYouMean, SpineError } from "@spine/core";
import type { Options } from "./command.ts";
import { commandEntries } from "./commands.ts";
import type { CommandEntry, CommandGroup, CommandOption } from "./entries/entry.ts";

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
  for (const command of withSubcommands(program)) {
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

function createProgram(choose: Choose): Commander {
  const program = new Commander("spine")
    .description("Durable data pipelines: run them, look at their history, go on where they stopped.")
    .version(ownVersion(), "-V, --version", "print the version")
    .option("-c, --config <file>", "the configuration file (default: the nearest spine.config.ts)")
    .option("--store <url>", "another store: a SQLite file, postgres://…, memory")
    .option("--json", "one JSON document on stdout and nothing else")
    .helpCommand(false)
    // With their arguments as well the lines would be too long for what they do.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong command, name or parameter, 3 done in part.");
  for (const entry of commandEntries) {
    if ("commands" in entry) addGroup(program, entry, choose);
    else addCommand(program, entry, choose);
  }
  return program;
}

type Choose = (parsed: Parsed) => void;

function addCommand(parent: Commander, entry: CommandEntry, choose: Choose, isDefault = false): Commander {
  const command = parent
    .command(`${entry.name} ${entry.usage}`.trim(), { isDefault })
    .summary(entry.summary)
    .description(entry.summary);
  for (const option of entry.options ?? []) command.addOption(optionOf(option));
  if (entry.examples !== undefined)
    command.addHelpText("after", `\nExamples:\n${entry.examples.map((line) => `  ${line}`).join("\n")}`);
  return command.action(() =>
    choose({ kind: "command", entry, args: command.args, options: command.optsWithGlobals() }),
  );
}

/** What follows a group's name is one of its commands, or meant for the first of them. */
function addGroup(program: Commander, { name, summary, commands }: CommandGroup, choose: Choose): void {
  const [main, ...others] = commands;
  const group = program
    .command(name)
    .description(summary)
    .helpCommand(false)
    .addHelpText("after", `\nspine ${name} alone is spine ${name} ${main.name}.`);
  const known = commands.map((command) => command.name);
  const listing = addCommand(
    group,
    main,
    (parsed) => {
      const [stranger] = listing.args;
      if (stranger !== undefined) throw unknownSubcommand(name, stranger, known);
      choose(parsed);
    },
    true,
  ).allowExcessArguments();
  for (const command of others) addCommand(group, command, choose);
}

function unknownSubcommand(group: string, name: string, known: readonly string[]): SpineError {
  return new SpineError("COMMAND_INVALID", `There is no command "${group} ${name}".${didYouMean(name, known)}`, {
    category: "CONFIG",
    context: { remedy: `See: spine ${group} --help` },
  });
}

function withSubcommands(command: Commander): readonly Commander[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function optionOf({ flags, summary, repeatable = false, required = false }: CommandOption): Option {
  const option = new Option(flags, summary).makeOptionMandatory(required);
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
