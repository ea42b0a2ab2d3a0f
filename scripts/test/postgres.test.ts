import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { expect, it, vi } from "vitest";
import { findPostgresBinaries } from "../postgres-binaries.ts";

const scripts = dirname(dirname(fileURLToPath(import.meta.url)));

it.skipIf(findPostgresBinaries().length === 0)(
  "a throw-away server ends with the process that started it, even by kill -9",
  async () => {
    const program = `
      const { startPostgres } = await import(${JSON.stringify(join(scripts, "postgres.ts"))});
      console.log((await startPostgres({ fsync: false })).url);
      setTimeout(() => {}, 60_000);`;
    const { SPINE_TEST_PG_URL: _, ...env } = process.env;
    const starter = spawn(process.execPath, ["--input-type=module", "-e", program], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [url] = await once(createInterface(starter.stdout), "line");
      const port = Number(new URL(String(url)).port);
      expect(await accepts(port)).toBe(true);
      starter.kill("SIGKILL");
      await vi.waitUntil(async () => !(await accepts(port)), { timeout: 20_000 });
    } finally {
      starter.kill("SIGKILL");
    }
  },
);

async function accepts(port: number): Promise<boolean> {
  const socket = createConnection({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    // Refused: nobody listens any more.
    return false;
  } finally {
    socket.destroy();
  }
}
