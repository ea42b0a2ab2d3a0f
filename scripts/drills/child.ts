import { type ChildProcess, spawn } from "node:child_process";
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
  readonly durationMs: number;
}

export interface ChildOptions {
  /** Killed by SIGKILL after this long, unless it has ended. */
  readonly killAfterMs?: number;
}

/** Longer than any round takes: a child that hangs is a finding, not a drill that never ends. */
const limitMs = 120_000;

/** Runs the `child` program of a drill in a process of its own and waits for its end, whatever that is. */
export function runDrillChild(drill: string, options: unknown, run: ChildOptions = {}): Promise<ChildOutcome> {
  return runProgram([join(workspaceRoot, "scripts/drill.ts"), drill, "--child", JSON.stringify(options)], run);
}

/** Runs a program of the workspace from source. */
export async function runProgram(args: readonly string[], run: ChildOptions = {}): Promise<ChildOutcome> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, ["--conditions=@spine/source", ...args], {
    cwd: workspaceRoot,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  const closed = once(child, "close");
  const stopKilling = new AbortController();
  void killLater(child, run.killAfterMs ?? limitMs, stopKilling.signal);
  const [code, signal] = await closed;
  stopKilling.abort();
  const killed = signal === "SIGKILL";
  const durationMs = performance.now() - startedMs;
  if (killed && durationMs >= limitMs) throw new Error(`a child did not end within ${limitMs / 1000} s: ${stderr()}`);
  return {
    code: typeof code === "number" ? code : undefined,
    killed,
    stdout: stdout(),
    stderr: stderr(),
    durationMs,
  };
}

/** What a child printed as its last line, which is JSON. */
export function lastLineOf(outcome: ChildOutcome): unknown {
  if (outcome.code !== 0)
    throw new Error(
      `a child ended with ${outcome.code ?? "a signal"}: ${outcome.stderr.trim() || outcome.stdout.trim()}`,
    );
  return JSON.parse(outcome.stdout.trim().split("\n").at(-1) ?? "");
}

async function killLater(child: ChildProcess, afterMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(afterMs, undefined, { signal });
    child.kill("SIGKILL");
  } catch {
    // It ended before its time.
  }
}

function collected(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return () => text;
}
