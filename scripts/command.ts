import { spawn } from "node:child_process";
import { once } from "node:events";

export interface CommandOutcome {
  readonly succeeded: boolean;
  /** Everything the command wrote, both streams in the order it arrived. */
  readonly output: string;
}

/** Runs a command to its end and keeps what it wrote; a command that cannot be started counts as failed. */
export async function runCommand(
  command: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<CommandOutcome> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  try {
    const [code] = await once(child, "close");
    return { succeeded: code === 0, output };
  } catch (error) {
    return { succeeded: false, output: error instanceof Error ? error.message : output };
  }
}
