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
  const json = argv.includes("--json");
  const style = styleOf(world.stdout, world.env);
  const printed = await reportOf(argv, world);
  if (typeof printed === "string") {
    world.stdout.write(printed);
    return EXIT_CODES.DONE;
  }
  const { exitCode, document, lines, errors = [] } = printed;
  if (json) {
    world.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return exitCode;
  }
  if (lines.length > 0) world.stdout.write(`${lines.join("\n")}\n`);
  const errorStyle = styleOf(world.stderr, world.env);
  for (const error of errors) world.stderr.write(`${errorLines(error, errorStyle).join("\n")}\n`);
  return exitCode;

  async function reportOf(typed: readonly string[], given: CliIo): Promise<Report | string> {
    try {
      const parsed: Parsed = parseCommandLine(typed);
      if (parsed.kind === "text") return parsed.text;
      const command = await parsed.entry.load();
      return await command({ io: given, args: parsed.args, options: parsed.options, style, json });
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
}
