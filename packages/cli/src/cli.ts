import { serializeError, toSpineError } from "@spine/core";
import type { Report } from "./command.ts";
import { EXIT_CODES, exitCodeOfError } from "./exit-code.ts";
import { type CliIo, processIo } from "./io.ts";
import { errorDocument, errorLines } from "./output/error-lines.ts";
import { styleOf } from "./output/style.ts";
import { type Parsed, parseCommandLine } from "./program.ts";

/**
 * Does what a command line says and resolves to the exit code: 0 done, 1 failed, 2 wrong command, name or parameter, 3 done in part.
 * Never rejects.
 * @param argv what follows the program's name: `["run", "prices.daily", "--json"]`
 * @param io what differs from the process: a test gives outputs of its own
 * @example
 * process.exitCode = await runCli(process.argv.slice(2));
 */
export async function runCli(argv: readonly string[], io: Partial<CliIo> = {}): Promise<number> {
  const world: CliIo = { ...processIo(), ...io };
  const report = await reportOf(argv, world);
  if (typeof report === "string") {
    world.stdout.write(report);
    return EXIT_CODES.DONE;
  }
  const { exitCode, document, lines, errors = [] } = report;
  if (wantsJson(argv)) {
    world.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return exitCode;
  }
  if (lines.length > 0) world.stdout.write(`${lines.join("\n")}\n`);
  const style = styleOf(world.stderr, world.env);
  for (const error of errors) world.stderr.write(`${errorLines(error, style).join("\n")}\n`);
  return exitCode;
}

/** What the command has to say; a text when it was help that was asked for. */
async function reportOf(argv: readonly string[], io: CliIo): Promise<Report | string> {
  try {
    const parsed: Parsed = parseCommandLine(argv);
    if (parsed.kind === "text") return parsed.text;
    const command = await parsed.entry.load();
    const style = styleOf(io.stdout, io.env);
    return await command({ io, args: parsed.args, options: parsed.options, style, json: wantsJson(argv) });
  } catch (thrown) {
    const error = serializeError(toSpineError(thrown, "INTERNAL"));
    return {
      exitCode: exitCodeOfError(error.code),
      document: { error: errorDocument(error) },
      lines: [],
      errors: [error],
    };
  }
}

/** Also of a command line that cannot be understood otherwise. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.includes("--json");
}
