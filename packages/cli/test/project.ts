import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type CliIo, runCli } from "@spine/cli";

const require = createRequire(import.meta.url);
const packages = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What one command wrote and ended with. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Project {
  readonly folder: string;
  readonly write: (path: string, text: string) => void;
  /** Runs a command in the project's folder and captures what it writes. */
  readonly spine: (args: string, io?: Partial<CliIo>) => Promise<Ended>;
  /** The document that a command prints with `--json`. */
  readonly json: (
    args: string,
  ) => Promise<{ readonly exitCode: number; readonly document: Readonly<Record<string, unknown>> }>;
}

/** A folder with `spine.config.ts` and the workspace's packages installed; gone when the test ends. */
export function createProject(config?: string): Project {
  const folder = mkdtempSync(join(tmpdir(), "spine-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  installPackages(folder);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  if (config !== undefined) write("spine.config.ts", config);

  async function spine(args: string, io: Partial<CliIo> = {}): Promise<Ended> {
    const stdout = capture();
    const stderr = capture();
    const exitCode = await runCli(
      args.split(" ").filter((arg) => arg !== ""),
      { stdout, stderr, cwd: folder, env: {}, onStop: () => () => undefined, ...io },
    );
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  }

  return {
    folder,
    write,
    spine,
    async json(args) {
      const { exitCode, stdout } = await spine(`${args} --json`);
      return { exitCode, document: JSON.parse(stdout) };
    },
  };
}

/** Links packages of the workspace into a folder, as an install would. */
function installPackages(folder: string): void {
  mkdirSync(join(folder, "node_modules/@spine"), { recursive: true });
  for (const name of ["core", "orchestration", "cli", "scheduler", "adapters-sqlite", "adapters-postgres"]) {
    symlinkSync(join(packages, name), join(folder, "node_modules/@spine", name), "junction");
  }
  symlinkSync(dirname(require.resolve("zod/package.json")), join(folder, "node_modules/zod"), "junction");
}

function capture(): { write(text: string): void; text(): string } {
  const parts: string[] = [];
  return { write: (text) => void parts.push(text), text: () => parts.join("") };
}
