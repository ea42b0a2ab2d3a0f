import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A process of its own that runs a script of `processes/`. */
export interface Child {
  /** The next line it prints. Throws what it wrote to stderr when it ends instead. */
  line(): Promise<string>;
  send(line: string): void;
  /** Resolves to its exit code. */
  exit(): Promise<number | null>;
}

export function startChild(script: string, args: readonly string[], options: { readonly uid?: number } = {}): Child {
  const path = fileURLToPath(new URL(`processes/${script}.ts`, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ["--conditions=@spine/source", path, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    ...options,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const exited = once(child, "exit");
  const lines = child.stdout === null ? undefined : createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async line() {
      const next = await lines?.next();
      if (next === undefined || next.done === true) throw new Error(`The process ended without a line: ${errors}`);
      return next.value;
    },
    send: (line) => void child.stdin?.write(`${line}\n`),
    async exit() {
      const [code] = (await exited) as [number | null];
      if (code !== 0) throw new Error(`The process ended with ${code}: ${errors}`);
      return code;
    },
  };
}
