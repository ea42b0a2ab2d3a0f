import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { workspaceRoot } from "../workspace.ts";

export interface ChildOutcome {
  /** Undefined when it was killed. */
  readonly code: number | undefined;
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** From its first word to its end: what comes before is a process that starts. */
  readonly workMs: number;
}

export interface ChildOptions {
  /** Killed by SIGKILL this long after its first word, unless it has ended. */
  readonly killAfterMs?: number;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Longer than any round takes: a child that hangs is a finding, not a drill that never ends. */
const limitMs = 120_000;

/** Runs the `child` program of a drill in a process of its own and waits for its end, whatever that is. */
export function runDrillChild(drill: string, options: unknown, run: ChildOptions = {}): Promise<ChildOutcome> {
  return runProgram([join(workspaceRoot, "scripts/drill.ts"), drill, "--child", JSON.stringify(options)], run);
}

/** Runs a program of the workspace from source. */
export async function runProgram(args: readonly string[], run: ChildOptions = {}): Promise<ChildOutcome> {
  const child = spawn(process.execPath, ["--conditions=@spine/source", ...args], {
    cwd: workspaceRoot,
    env: { ...process.env, ...run.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  const closed = once(child, "close");
  const ended = new AbortController();
  let startedMs = performance.now();
  let hung = false;
  void after(limitMs, ended.signal, () => {
    hung = true;
    child.kill("SIGKILL");
  });
  child.stdout.once("data", () => {
    startedMs = performance.now();
    const { killAfterMs } = run;
    if (killAfterMs !== undefined) void after(killAfterMs, ended.signal, () => child.kill("SIGKILL"));
  });
  const [code, signal] = await closed;
  ended.abort();
  if (hung) throw new Error(`a child did not end within ${limitMs / 1000} s: ${stdout()}${stderr()}`);
  return {
    code: typeof code === "number" ? code : undefined,
    killed: signal === "SIGKILL",
    stdout: stdout(),
    stderr: stderr(),
    workMs: performance.now() - startedMs,
  };
}

/** What a child printed, which is one JSON document. */
export function documentOf(outcome: ChildOutcome): unknown {
  if (outcome.code !== 0)
    throw new Error(
      `a child ended with ${outcome.code ?? "a signal"}: ${outcome.stderr.trim() || outcome.stdout.trim()}`,
    );
  return JSON.parse(outcome.stdout);
}

async function after(delayMs: number, signal: AbortSignal, act: () => unknown): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
    act();
  } catch {
    // It ended before its time.
  }
}

function collected(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return () => text;
}
