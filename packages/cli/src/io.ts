import { userInfo } from "node:os";
import { type Clock, systemClock, tryResult } from "@spine/core";

/** Where text goes: `process.stdout` fits as it is. */
export interface CliOutput {
  write(text: string): unknown;
  /** Whether a person watches; else plain lines are written. */
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The world of one command: the process, or a test. */
export interface CliIo {
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who is at work, as the machine knows it. */
  readonly user: string | undefined;
  readonly clock: Clock;
  /** Calls back on each request to stop (SIGINT, SIGTERM). Returns the function that stops listening. */
  onStop(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(exitCode: number): void;
}

/** The process as a world. */
export function processIo(): CliIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    env: process.env,
    // A container may have no name for its user.
    user: tryResult(() => userInfo().username).unwrapOr(undefined),
    clock: systemClock,
    onStop(listener) {
      const signals = ["SIGINT", "SIGTERM"] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    exit: (exitCode) => process.exit(exitCode),
  };
}
