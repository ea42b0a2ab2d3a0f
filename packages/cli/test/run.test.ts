import { describe, expect, it } from "vitest";
import { exampleConfig, sqliteConfig } from "./configs.ts";
import { createProject } from "./project.ts";

describe("spine run", () => {
  it("tells the way on stderr and the timeline on stdout", async () => {
    const { spine } = createProject(exampleConfig());
    const { exitCode, stdout, stderr } = await spine("run prices.daily --param symbol=ACME");
    expect(stderr).toMatch(
      /^prices\.daily started as run_\w+\nload started\nload: 50 % half way\nload completed after /,
    );
    expect(stdout).toMatch(
      /^prices\.daily {2}COMPLETED {2}.* {2}run_\w+\n {2}load {2}COMPLETED .*6,000 rows, 3 rejected\n {2}echo {2}COMPLETED /,
    );
    expect(exitCode).toBe(0);
  });

  it("prints one document and nothing else with --json", async () => {
    const { spine } = createProject(exampleConfig());
    const { exitCode, stdout, stderr } = await spine("run prices.daily symbol=ACME --json");
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "workflow",
      name: "prices.daily",
      status: "COMPLETED",
      dryRun: false,
      counts: { total: 2, completed: 2 },
      outputs: { load: { recordCount: 6000, rejected: 3 } },
      steps: [{ step: "load", status: "COMPLETED", attempt: 1 }, { step: "echo" }],
    });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });

  it("runs groups and pipelines by name as well", async () => {
    const { json } = createProject(exampleConfig());
    expect((await json("run prices.group symbol=ACME")).document).toMatchObject({ kind: "group", status: "COMPLETED" });
    expect((await json("run prices.check symbol=ACME")).document).toMatchObject({
      kind: "pipeline",
      status: "COMPLETED",
    });
  });

  it("ends with 1 and the step's error, its remedy and how to go on", async () => {
    const { spine } = createProject(exampleConfig());
    const { exitCode, stdout, stderr } = await spine("run prices.daily symbol=FLAKY");
    expect(stderr).toMatch(/error SOURCE_NOT_FOUND: The file prices\.csv does not exist\.\n→ Put it there\.\n$/);
    expect(stdout).toMatch(/load {2}FAILED .*SOURCE_NOT_FOUND: The file prices\.csv/);
    expect(stdout).toMatch(/go on with: spine resume run_\w+\n$/);
    expect(exitCode).toBe(1);
  });

  it("puts the error with its remedy into the document", async () => {
    const { json } = createProject(exampleConfig());
    const { exitCode, document } = await json("run prices.daily symbol=FLAKY");
    expect(document).toMatchObject({
      status: "FAILED",
      errorStep: "load",
      error: { code: "SOURCE_NOT_FOUND", remedy: "Put it there." },
      resume: expect.stringMatching(/^spine resume run_/),
    });
    expect(exitCode).toBe(1);
  });

  it("ends with 3 when only a part was done", async () => {
    const { json } = createProject(exampleConfig());
    const { exitCode, document } = await json("run prices.group symbol=FLAKY");
    expect(document).toMatchObject({ status: "PARTIAL", counts: { completed: 1, failed: 1, skipped: 1 } });
    expect(exitCode).toBe(3);
  });

  it("shows why a step was skipped", async () => {
    const { spine } = createProject(exampleConfig());
    const { stdout } = await spine("run prices.load symbol=NONE");
    expect(stdout).toMatch(/SKIPPED .*skipped: nothing traded/);
  });

  it("keeps an error of several lines on one", async () => {
    const { spine } = createProject(exampleConfig());
    const { stderr } = await spine("run prices.load symbol=ODD");
    expect(stderr).toMatch(/\nerror STEP_THREW: odd and more\n→ .+\n$/);
  });

  it("performs and records nothing with --dry-run", async () => {
    const { spine, json } = createProject(sqliteConfig);
    const { exitCode, stdout } = await spine("run prices.load symbol=FLAKY --dry-run");
    expect(stdout).toContain("dry run, nothing was recorded");
    expect(exitCode).toBe(0);
    expect((await json("runs")).document).toEqual({ runs: [] });
  });

  it("passes partition, batch and as-of on", async () => {
    const { spine, json } = createProject(sqliteConfig);
    await spine("run prices.daily symbol=ACME --partition 2025-W23 --batch b1 --as-of 2025-12-20T01:00:00+01:00");
    expect((await json("runs")).document).toMatchObject({
      runs: [{ partition: "2025-W23", batchId: "b1", asOf: "2025-12-20T00:00:00.000Z", triggeredBy: "cli" }],
    });
  });

  it("shows what pipelines log with --verbose only", async () => {
    const { spine } = createProject(exampleConfig());
    expect((await spine("run prices.load symbol=ACME")).stderr).not.toContain("loading");
    expect((await spine("run prices.load symbol=ACME --verbose")).stderr).toMatch(/info: loading .*symbol=ACME/);
  });
});
