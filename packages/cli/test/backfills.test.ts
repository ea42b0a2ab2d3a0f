import { describe, expect, it } from "vitest";
import { captureIds, createLedger, writeQuotes } from "./ledger.ts";
import type { Project } from "./project.ts";

const days = ["2025-11-03", "2025-11-04", "2025-11-05", "2025-11-06", "2025-11-07"] as const;

/** A week of which nothing has been captured, with a file for each day but those that are left out. */
async function emptyWeek({ without = [] }: { readonly without?: readonly string[] } = {}): Promise<Project> {
  const files = days.filter((day) => !without.includes(day)).map((day, index) => [day, `A,${index + 1}\n`]);
  const project = createLedger(Object.fromEntries(files));
  await project.spine("migrate");
  return project;
}

/** Makes a backfill and gives its id. */
async function create({ json }: Project, options = ""): Promise<string> {
  const { document } = await json(`backfill create quotes.daily --reason history --by anna ${options}`);
  return document["backfillId"] as string;
}

describe("spine backfill plan", () => {
  it("shows what would be done with which parameters, and writes nothing", async () => {
    const project = await emptyWeek();
    const { exitCode, stdout } = await project.spine("backfill plan quotes.daily --protect 2025-11-04 --limit 2");
    expect(stdout).toMatch(
      /^quotes\.daily {2}missing, forward, runs quotes\.daily\n {2}4 partitions to do, 1 left alone, 0 need nothing; 5 expected\n\nTo do\n {2}PARTITION +WHY +PARAMS\n {2}2025-11-03 +INGEST, AVERAGE missing +date=2025-11-03\n {2}2025-11-05 .*\n {2}and 2 more: add --limit <count>\n\nLeft alone\n {2}PARTITION +WHY\n {2}2025-11-04 +.*protect.*\n$/,
    );
    expect(exitCode).toBe(0);
    expect((await project.spine("backfill")).stdout).toMatch(/^No backfills\. Plan one with: spine backfill plan /);
  });

  it("takes the newest first with --direction backward", async () => {
    const { document } = await (
      await emptyWeek()
    ).json("backfill plan quotes.daily --direction backward --from 2025-11-05");
    expect(document["items"]).toMatchObject([
      { partition: "2025-11-07", params: { date: "2025-11-07" } },
      { partition: "2025-11-06" },
      { partition: "2025-11-05" },
    ]);
  });

  it("says so when there is nothing to do", async () => {
    const { exitCode, stdout } = await (await emptyWeek()).spine("backfill plan quotes.daily --mode stale");
    expect(stdout).toMatch(/^.*quotes\.daily.*\n$/);
    expect(exitCode).toBe(0);
  });

  it.each([
    ["plan quotes.dialy", "EXPECTATION_NOT_FOUND", 'Did you mean "quotes.daily"?', 2],
    ["plan quotes.daily --mode mising", "COMMAND_INVALID", 'Did you mean "missing"?', 2],
    ["plan quotes.daily --direction sideways", "COMMAND_INVALID", '"sideways"', 2],
    ["plan quotes.daily --from yesterday", "DATE_INVALID", '"yesterday"', 2],
    ["plan quotes.daily --param dte=1", "PARAMS_INVALID", 'Did you mean "date"?', 2],
    ["create quotes.daily", "COMMAND_INVALID", "--reason", 2],
    ["create quotes.daily --reason x --by anna --max-parallel 0", "COMMAND_INVALID", "--max-parallel 0", 2],
    ["run nope", "BACKFILL_NOT_FOUND", '"nope"', 2],
    ["show nope", "BACKFILL_NOT_FOUND", '"nope"', 2],
    ["pause nope", "BACKFILL_NOT_FOUND", '"nope"', 2],
    ["list --status paussed", "COMMAND_INVALID", 'Did you mean "PAUSED"?', 2],
    ["resmue nope", "COMMAND_INVALID", 'Did you mean "resume"?', 2],
  ])("refuses: spine backfill %s", async (command, code, text, exitCode) => {
    const project = await emptyWeek();
    const ended = await project.spine(`backfill ${command}`);
    expect(ended.stderr).toMatch(/^error [A-Z_]+: [^\n]+\n→ [^\n]+\n$/);
    expect(ended.stderr).toContain(`error ${code}: `);
    expect(ended.stderr).toContain(text);
    expect(ended.exitCode).toBe(exitCode);
  });
});

describe("spine backfill run", () => {
  it("works off what was planned, telling of each partition", async () => {
    const project = await emptyWeek();
    const created = await project.spine("backfill create quotes.daily --reason history --by anna");
    const id = /bf_\w+/.exec(created.stdout)?.[0] ?? "none";
    expect(created.stdout).toMatch(
      new RegExp(
        `^quotes\\.daily {2}PLANNED {2}${id}\\n[^]*\\n {2}next +work it off with: spine backfill run ${id}\\n$`,
      ),
    );
    const { exitCode, stdout, stderr } = await project.spine(`backfill run ${id.slice(-8)}`);
    expect(stderr).toBe(
      [
        `quotes.daily as ${id}: 0 of 5 partitions done`,
        ...days.map((day, index) => `${day} completed (${index + 1} of 5)`),
        "",
      ].join("\n"),
    );
    expect(stdout).toMatch(
      new RegExp(`^quotes\\.daily {2}COMPLETED {2}${id}\\n {2}partitions +5 of 5 partitions done\\n`),
    );
    expect(stdout).not.toContain("next");
    expect(exitCode).toBe(0);
    expect((await project.spine("gaps quotes.daily")).stdout).toBe(
      "quotes.daily  5 partitions expected: 5 came late\n",
    );
    expect(await captureIds(project)).toHaveLength(10);
  });

  it("repairs exactly what is stale with --mode stale", async () => {
    const project = await emptyWeek();
    await project.spine("backfill create quotes.daily --reason history --by anna --run");
    writeQuotes(project, "2025-11-05", "A,7\n");
    await project.spine("run quotes.ingest date=2025-11-05");
    const before = await captureIds(project);
    const { document } = await project.json(
      "backfill create quotes.daily --mode stale --reason corrected --by anna --run",
    );
    expect(document).toMatchObject({ status: "COMPLETED", counts: { total: 1, completed: 1 } });
    const made = (await captureIds(project)).filter((captureId) => !before.includes(captureId));
    expect(made).toHaveLength(1);
    expect(await captureIds(project, "--stage AVERAGE --partition 2025-11-05")).toContain(made[0]);
  });

  it("is done in part when a partition fails, and retry-failed does only that one again", async () => {
    const project = await emptyWeek({ without: ["2025-11-05"] });
    const id = await create(project);
    const { exitCode, stdout } = await project.spine(`backfill run ${id}`);
    expect(stdout).toMatch(new RegExp(`PARTIAL {2}${id}\\n {2}partitions +5 of 5 partitions done, 1 failed\\n`));
    expect(stdout).toMatch(
      new RegExp(`\\n {2}next +once the cause is gone: spine backfill retry-failed ${id} --run\\n`),
    );
    expect(stdout).toMatch(/\n2 +2025-11-05 +FAILED +run_\w+ .*There is no file of 2025-11-05\.\n$/);
    expect(exitCode).toBe(3);

    writeQuotes(project, "2025-11-05", "A,3\n");
    const retried = await project.spine(`backfill retry-failed ${id} --run`);
    expect(retried.stderr).toMatch(/\n2025-11-05 completed \(5 of 5\)\n$/);
    expect(retried.stdout).toMatch(/^quotes\.daily {2}COMPLETED /);
    expect(retried.exitCode).toBe(0);
    expect((await project.spine(`backfill retry-failed ${id}`)).stdout).toMatch(/^None of its partitions failed\.\n/);
  });

  it("stops when asked to, is INTERRUPTED then, and goes on where it was", async () => {
    const project = await emptyWeek();
    const id = await create(project);
    const told: string[] = [];
    let ask: () => void = () => undefined;
    const { exitCode, stdout } = await project.spine(`backfill run ${id}`, {
      stderr: {
        write(text) {
          told.push(text);
          if (text.startsWith("2025-11-04 completed")) ask();
        },
      },
      onStop(listener) {
        ask = listener;
        return () => undefined;
      },
    });
    expect(told).toContain("Stopping: no further partition begins. Ask again to stop at once.\n");
    expect(stdout).toMatch(
      new RegExp(`^quotes\\.daily {2}INTERRUPTED {2}${id}\\n {2}partitions +2 of 5 partitions done\\n`),
    );
    expect(stdout).toMatch(new RegExp(`\\n {2}next +go on with: spine backfill run ${id}\\n$`));
    expect(exitCode).toBe(3);
    expect((await project.spine("doctor")).stdout).toMatch(
      new RegExp(
        `warning backfills +${id} of quotes\\.daily \\(history\\) is worked on by nobody, 3 partitions left\\n +→ spine backfill run ${id}\\n`,
      ),
    );
    const resumed = await project.spine(`backfill resume ${id}`);
    expect(resumed.stdout).toMatch(/^quotes\.daily {2}COMPLETED /);
    expect(await captureIds(project)).toHaveLength(10);
  });
});

describe("spine backfill show, list, pause, cancel", () => {
  it("show a backfill page by page", async () => {
    const project = await emptyWeek();
    const id = await create(project);
    await project.spine(`backfill run ${id}`);
    const first = await project.spine(`backfill show ${id} --limit 2`);
    expect(first.stdout).toMatch(
      /\nPartitions\n#  PARTITION +STATUS +RUN +TOOK\n0 {2}2025-11-03 {2}COMPLETED {2}run_\w+ .*\n1 {2}2025-11-04 .*\nMore: add --after 1\n$/,
    );
    const { document } = await project.json(`backfill show ${id} --limit 2 --after 3`);
    expect(document).toMatchObject({ status: "COMPLETED", items: [{ position: 4, partition: "2025-11-07" }] });
    expect(document).not.toHaveProperty("next");
  });

  it("pause one, which is gone on with, and cancel one, which is not", async () => {
    const project = await emptyWeek();
    const id = await create(project);
    const planned = await project.spine(`backfill pause ${id}`);
    expect(planned.stderr).toMatch(/^error BACKFILL_STATUS_INVALID: .*\n→ /);
    const cancelled = await project.spine(`backfill cancel ${id}`);
    expect(cancelled.stdout).toMatch(
      new RegExp(`^quotes\\.daily {2}CANCELLED {2}${id}\\n {2}partitions +5 of 5 partitions done, 5 cancelled\\n`),
    );
    const run = await project.spine(`backfill run ${id}`);
    expect(run.stderr).toMatch(/error BACKFILL_STATUS_INVALID: .*\n→ /);
    expect([planned.exitCode, cancelled.exitCode, run.exitCode]).toEqual([1, 0, 1]);
  });

  it("list the newest first, and only those in a status", async () => {
    const project = await emptyWeek();
    const first = await create(project, "--to 2025-11-03");
    const second = await create(project, "--from 2025-11-05");
    await project.spine(`backfill cancel ${first}`);
    const { stdout } = await project.spine("backfill");
    expect(stdout).toMatch(
      new RegExp(
        `^BACKFILL +STATUS +EXPECTATION +MODE +CREATED\\n${second} +PLANNED +quotes\\.daily +missing +.*Z +0 of 3 partitions done; history\\n${first} +CANCELLED .*\\n$`,
      ),
    );
    expect((await project.json("backfill list --status cancelled")).document).toMatchObject({
      backfills: [{ backfillId: first }],
      more: false,
    });
  });

  it("names what fits an id that is too short", async () => {
    const project = await emptyWeek();
    await create(project, "--to 2025-11-03");
    await create(project, "--from 2025-11-05");
    const { exitCode, stderr } = await project.spine("backfill show bf_");
    expect(stderr).toMatch(/^error BACKFILL_NOT_FOUND: "bf_" fits 2 backfills: bf_\w+, bf_\w+\.\n→ Give more /);
    expect(exitCode).toBe(2);
  });
});
