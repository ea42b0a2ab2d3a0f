import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { postgres } from "@spine/adapters-postgres";
import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, silentLogger, type StartCapture, type Store, type StoreProvider, systemClock } from "@spine/core";
import { workspaceRoot } from "../workspace.ts";

/** What came of a try to start a capture. */
export interface Attempt {
  readonly captureId: string;
  readonly won: boolean;
  /** Of one that lost: the error's code, and the capture that it names as the holder. */
  readonly code?: string;
  readonly heldBy?: unknown;
}

/** Somebody who tries to start captures when told to. */
export interface Contestant {
  start(capture: StartCapture): Promise<Attempt>;
  close(): Promise<void>;
}

/** Longer than any answer takes: a contestant that hangs is a finding. */
const limitMs = 60_000;

export function openStore(provider: StoreProvider): Promise<Store> {
  return orThrow(provider.open({ clock: systemClock, logger: silentLogger, contributions: () => [] }));
}

/** A connection of its own to a PostgreSQL. */
export async function openConnection(url: string, schema: string): Promise<Contestant> {
  const store = await openStore(postgres(url, { schema, maxConnections: 1 }));
  return {
    start: (capture) => attempt(store, capture),
    close: () => orThrow(store.close()),
  };
}

/** A process of its own on an SQLite file: the `child` of a drill, which answers each line with a line. */
export async function startContestant(drill: string, file: string): Promise<Contestant> {
  const program = join(workspaceRoot, "scripts/drill.ts");
  const child = spawn(process.execPath, ["--conditions=@spine/source", program, drill, "--child", file], {
    cwd: workspaceRoot,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
    const { value, done } = await lines.next();
    clearTimeout(limit);
    if (done === true) throw new Error(`a contestant ended, or did not answer within ${limitMs / 1000} s`);
    return value;
  };
  await answer();
  return {
    async start(capture) {
      child.stdin.write(`${JSON.stringify(capture)}\n`);
      return JSON.parse(await answer()) as Attempt;
    },
    async close() {
      child.stdin.end();
      await closed;
    },
  };
}

/** The program of {@link startContestant}'s process. */
export async function contest(file: string): Promise<void> {
  const store = await openStore(sqlite(file));
  console.log("ready");
  for await (const line of createInterface(process.stdin)) {
    console.log(JSON.stringify(await attempt(store, JSON.parse(line) as StartCapture)));
  }
  await orThrow(store.close());
}

async function attempt(store: Store, capture: StartCapture): Promise<Attempt> {
  const { captureId } = capture;
  const started = await store.captures.start(capture);
  if (started.isOk()) return { captureId, won: true };
  const { code, context } = started.error;
  return { captureId, won: false, code, heldBy: context["captureId"] };
}
