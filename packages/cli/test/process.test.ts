import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { exampleConfig, sqliteConfig } from "./configs.ts";
import { createProject, type Project } from "./project.ts";

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), "src/main.ts");

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{
    readonly exitCode: number | null;
    readonly signal: string | null;
    readonly stderr: string;
  }>;
}

/** The real command in a process of its own; resolves once stderr has told `until`. */
async function start(project: Project, args: readonly string[], until: string): Promise<Started> {
  const child = spawn(process.execPath, ["--conditions=@spine/source", main, ...args], {
    cwd: project.folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  const ended = once(child, "close").then(([exitCode, signal]) => ({ exitCode, signal, stderr }));
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (stderr.includes(until)) resolve();
    });
    void ended.then(() => reject(new Error(`It ended before it told "${until}": ${stderr}`)));
  });
  return { child, ended };
}

describe("a process that ends", () => {
  it("by kill -9 leaves a run that is shown as INTERRUPTED at once and can be gone on with", async () => {
    const project = createProject(sqliteConfig);
    const { child, ended } = await start(project, ["run", "prices.wait"], "\nwait started");
    const running = await project.spine("runs");
    expect(running.stdout).toMatch(new RegExp(` RUNNING +prices\\.wait .* process ${child.pid}, lease until `));

    child.kill("SIGKILL");
    await ended;
    const [{ runId = "" } = {}] = (await project.json("runs")).document["runs"] as readonly {
      readonly runId?: string;
    }[];
    const shown = await project.spine("runs");
    expect(shown.stdout).toMatch(
      new RegExp(` INTERRUPTED .* its process ${child.pid} is gone\n {2}→ resume it with: spine resume ${runId}\n`),
    );
    expect((await project.spine(`show ${runId}`)).stdout).toMatch(/Steps\n {2}wait {2}INTERRUPTED /);
    const { exitCode, stdout } = await project.spine("doctor");
    expect(stdout).toMatch(
      new RegExp(
        `warning runs +${runId} of "prices\\.wait" was interrupted: .*\n +→ resume it with: spine resume ${runId}\n`,
      ),
    );
    expect(exitCode).toBe(0);
  });

  it("does not do so while a step waits for its next attempt", async () => {
    const project = createProject(exampleConfig());
    const { ended } = await start(project, ["run", "prices.retrying", "symbol=BUSY"], "attempt 1 failed, next one in ");
    expect(await ended).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("error TRANSIENT: The exchange is busy."),
    });
  });

  it("does not do so because nobody reads how its run goes", async () => {
    const project = createProject(sqliteConfig);
    const child = spawn(process.execPath, ["--conditions=@spine/source", main, "run", "prices.daily", "symbol=ACME"], {
      cwd: project.folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    child.stderr.destroy();
    expect(await once(child, "close")).toEqual([0, null]);
    expect((await project.json("runs")).document).toMatchObject({ runs: [{ status: "COMPLETED" }] });
  });

  it("by SIGTERM cancels its run first", async () => {
    const project = createProject(sqliteConfig);
    const { child, ended } = await start(project, ["run", "prices.wait"], "\nwait started");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("error CANCELLED: ") });
    expect((await project.json("runs")).document).toMatchObject({ runs: [{ status: "CANCELLED" }] });
  });

  it("by a second SIGINT ends at once with 130, and its run is told to be interrupted", async () => {
    const project = createProject(sqliteConfig);
    const { child, ended } = await start(project, ["run", "prices.wait", "symbol=DEAF"], "\nwait started");
    child.kill("SIGINT");
    await new Promise<void>((resolve) => {
      child.stderr?.on("data", (text: string) => text.includes("Ask again") && resolve());
    });
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ exitCode: 130 });
    expect((await project.json("runs")).document).toMatchObject({ runs: [{ status: "INTERRUPTED" }] });
  });
});
