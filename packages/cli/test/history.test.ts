import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { createIds, orThrow, silentLogger, type Store, systemClock } from "@spine/core";
import { buildRun, buildStart } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { sqliteConfig } from "./configs.ts";
import { createProject, type Project } from "./project.ts";

async function withStore(project: Project, work: (store: Store) => Promise<void>): Promise<void> {
  const environment = { clock: systemClock, logger: silentLogger, contributions: () => [] };
  const store = await orThrow(sqlite(join(project.folder, "spine.db")).open(environment));
  await work(store);
  await orThrow(store.close());
}

/** Leaves a run behind as a process does that stops between two steps. */
async function leaveRunning(
  project: Project,
  { leaseMs, definitionHash = "of-nothing" }: { readonly leaseMs: number; readonly definitionHash?: string },
): Promise<string> {
  const runId = createIds().next("run");
  await withStore(project, async ({ owners, runs }) => {
    await orThrow(owners.beat({ owner: "own_1", place: "another machine", pid: 4711, leaseMs }));
    const run = buildRun({ runId, owner: "own_1", name: "prices.daily", definitionHash });
    await orThrow(runs.create({ run, started: [buildStart({ step: "load" })], events: [] }));
  });
  return runId;
}

async function runIds({ json }: Project): Promise<readonly string[]> {
  const { document } = await json("runs");
  return (document["runs"] as readonly { readonly runId: string }[]).map(({ runId }) => runId);
}

describe("spine runs", () => {
  it("lists the newest first, without runs that runs started", async () => {
    const { spine } = createProject(sqliteConfig);
    await spine("run prices.daily symbol=ACME");
    await spine("run prices.nested symbol=ACME");
    const { stdout } = await spine("runs");
    expect(stdout).toMatch(
      /^RUN +STATUS +NAME .*\nrun_\w+ +COMPLETED +prices\.nested .* 1\/1\nrun_\w+ +COMPLETED +prices\.daily .* 2\/2\n$/,
    );
    expect((await spine("runs --children")).stdout).toMatch(/run_\w+:all +COMPLETED +prices\.group/);
  });

  it("filters by name, status, number and place in the list", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("run prices.daily symbol=ACME");
    await project.spine("run prices.daily symbol=FLAKY");
    await project.spine("run prices.check symbol=ACME");
    const [newest, middle, oldest] = await runIds(project);
    const idsOf = async (args: string): Promise<unknown> => (await project.json(`runs ${args}`)).document["runs"];
    expect(await idsOf("--name prices.check")).toMatchObject([{ runId: newest }]);
    expect(await idsOf("--status failed")).toMatchObject([{ runId: middle, error: { code: "SOURCE_NOT_FOUND" } }]);
    expect(await idsOf("--limit 1")).toMatchObject([{ runId: newest }]);
    expect(await idsOf(`--before ${middle}`)).toMatchObject([{ runId: oldest }]);
  });

  it("says what to start with when there is nothing", async () => {
    const { stdout } = await createProject(sqliteConfig).spine("runs");
    expect(stdout).toBe("No runs. Start one with: spine run <name>\n");
  });

  it("shows who works on a run and until when", async () => {
    const project = createProject(sqliteConfig);
    await leaveRunning(project, { leaseMs: 60_000 });
    expect((await project.spine("runs")).stdout).toMatch(
      /RUNNING +prices\.daily .* process 4711, lease until \d{4}-.*Z\n$/,
    );
  });

  it("calls a run INTERRUPTED once its owner's lease has run out", async () => {
    const project = createProject(sqliteConfig);
    const runId = await leaveRunning(project, { leaseMs: 0 });
    expect((await project.spine("runs")).stdout).toMatch(
      new RegExp(
        `${runId} +INTERRUPTED .* the lease of its process 4711 ran out at .*Z\\n {2}→ resume it with: spine resume ${runId}\\n$`,
      ),
    );
    expect((await project.json("runs --status interrupted")).document).toMatchObject({
      runs: [{ runId, status: "INTERRUPTED" }],
    });
    expect((await project.json("runs --status running")).document).toEqual({ runs: [] });
  });
});

describe("spine show", () => {
  it("shows steps, parameters, attempts and the runs it started", async () => {
    const { spine } = createProject(sqliteConfig);
    await spine("run prices.nested symbol=ACME --batch b1");
    const { stdout } = await spine(`show ${(await spine("runs")).stdout.split("\n")[1]?.split(" ")[0]}`);
    expect(stdout).toMatch(/^prices\.nested {2}COMPLETED {2}run_\w+\n/);
    expect(stdout).toMatch(/params +symbol=ACME\n/);
    expect(stdout).toMatch(/batch +b1\n/);
    expect(stdout).toMatch(/\nSteps\n {2}all {2}COMPLETED /);
    expect(stdout).toMatch(/\nChild runs\n {2}run_\w+:all {2}COMPLETED {2}prices\.group {2}3 steps\n/);
  });

  it("shows errors with their remedies and how to go on", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("run prices.daily symbol=FLAKY");
    const [runId] = await runIds(project);
    const { stdout } = await project.spine(`show ${runId}`);
    expect(stdout).toMatch(
      /\nErrors\n {2}load: error SOURCE_NOT_FOUND: The file prices\.csv does not exist\.\n {2}→ Put it there\.\n/,
    );
    expect(stdout).toContain(`go on with: spine resume ${runId}`);
  });

  it("calls a step INTERRUPTED that was cut off with its run", async () => {
    const project = createProject(sqliteConfig);
    const runId = await leaveRunning(project, { leaseMs: 0 });
    expect((await project.spine(`show ${runId}`)).stdout).toMatch(
      /Steps\n {2}load {2}INTERRUPTED +its process ended before it did\n/,
    );
    expect((await project.json(`show ${runId}`)).document).toMatchObject({
      status: "INTERRUPTED",
      resume: `spine resume ${runId}`,
      steps: [{ step: "load", status: "INTERRUPTED" }],
    });
  });

  it("takes a beginning or an end of an id that fits one run", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("run prices.daily symbol=ACME");
    await project.spine("run prices.nested symbol=ACME");
    const [newest = ""] = await runIds(project);
    for (const part of [newest.slice(-8), newest.slice(0, 24), newest.slice(4, 24)]) {
      expect((await project.json(`show ${part}`)).document).toMatchObject({ runId: newest });
    }
    const { exitCode, stderr } = await project.spine("show run_");
    expect(stderr).toMatch(/^error RUN_NOT_FOUND: "run_" fits 2 runs: run_\w+, run_\w+\.\n→ Give more of the id/);
    expect(exitCode).toBe(2);
  });
});

describe("spine resume", () => {
  it("goes on with what is left, and what completed does not run again", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("run prices.group symbol=FLAKY");
    const [runId] = await runIds(project);
    const { exitCode, stdout, stderr } = await project.spine(`resume ${runId}`);
    expect(stderr).toContain("load started");
    expect(stderr).not.toContain("check started");
    expect(stdout).toMatch(/check +COMPLETED /);
    expect(exitCode).toBe(3);
  });

  it("goes on with the parent when a child is named", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("run prices.nested symbol=FLAKY");
    const [runId] = await runIds(project);
    const { stderr } = await project.spine(`resume ${runId}:all`);
    expect(stderr).toContain(`${runId}:all is a child of ${runId}, which is resumed.`);
  });

  it("refuses a run that completed", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("run prices.daily symbol=ACME");
    const [runId] = await runIds(project);
    const { exitCode, stderr } = await project.spine(`resume ${runId}`);
    expect(stderr).toMatch(/^error RUN_NOT_RESUMABLE: /);
    expect(exitCode).toBe(1);
  });

  it("refuses a run that somebody works on", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("run prices.daily symbol=ACME");
    const { document } = await project.json("runs");
    const [{ definitionHash = "" } = {}] = document["runs"] as readonly { readonly definitionHash?: string }[];
    const runId = await leaveRunning(project, { leaseMs: 60_000, definitionHash });
    const { exitCode, stderr } = await project.spine(`resume ${runId}`);
    expect(stderr).toMatch(/^error RUN_OWNED: Process 4711 .*\n→ Run: spine show run_\w+\n$/);
    expect(exitCode).toBe(1);
  });
});
