import { describe, expect, it } from "vitest";
import { createLedger, newestCapture } from "./ledger.ts";
import type { Project } from "./project.ts";

const day = "2025-11-03";
const next = "2025-11-04";

/** Two days, of which the first has a high price and the second one that cannot be. */
async function recorded(): Promise<Project> {
  const project = createLedger({ [day]: "A,10\nB,2000\n", [next]: "C,9999\n" });
  await project.spine(`run quotes.ingest date=${day}`);
  await project.spine(`run quotes.ingest date=${next}`);
  return project;
}

interface Listed {
  readonly anomalyId: string;
  readonly message: string;
}

async function anomaliesOf({ json }: Project, filters = ""): Promise<readonly Listed[]> {
  return (await json(`anomalies ${filters}`)).document["anomalies"] as readonly Listed[];
}

async function firstAnomaly(project: Project): Promise<string> {
  return (await anomaliesOf(project))[0]?.anomalyId ?? "none";
}

describe("spine anomalies", () => {
  it("lists the newest first, with severity and what each is about", async () => {
    const { spine } = await recorded();
    const { exitCode, stdout } = await spine("anomalies");
    expect(stdout).toMatch(
      /^ANOMALY +RECORDED +SEVERITY +CODE\nano_\w+ +\d{4}-\S+ \S+Z +CRITICAL +PRICE_HIGH +2025-11-04 INGEST: C costs 9999\nano_\w+ .*WARNING +PRICE_HIGH +2025-11-03 INGEST: B costs 2000\n$/,
    );
    expect(exitCode).toBe(0);
  });

  it.each([
    ["--severity critical", ["C costs 9999"]],
    [`--partition ${day}`, ["B costs 2000"]],
    ["--domain nothing", []],
    ["--status resolved --status accepted", []],
    ["--status open --limit 1", ["C costs 9999"]],
  ])("filters: %s", async (filters, messages) => {
    expect((await anomaliesOf(await recorded(), filters)).map(({ message }) => message)).toEqual(messages);
  });

  it("filters by a capture whose id is shortened", async () => {
    const project = await recorded();
    const captureId = await newestCapture(project, `--partition ${day}`);
    const found = await anomaliesOf(project, `--capture ${captureId.slice(-8)}`);
    expect(found.map(({ message }) => message)).toEqual(["B costs 2000"]);
  });

  it("says how to see more, that there are none, and that none fits", async () => {
    const { spine } = await recorded();
    expect((await spine("anomalies --limit 1")).stdout).toMatch(/\n1 anomaly shown; more: add --limit <count>\n$/);
    expect((await spine("anomalies --severity info")).stdout).toBe("No anomaly is like that.\n");
    const empty = createLedger();
    await empty.spine("migrate");
    expect((await empty.spine("anomalies")).stdout).toBe("No anomalies.\n");
  });
});

describe("spine anomalies show", () => {
  it("shows what is known of one, by the end of its id", async () => {
    const project = await recorded();
    const anomalyId = await firstAnomaly(project);
    const { exitCode, stdout } = await project.spine(`anomalies show ${anomalyId.slice(-8)}`);
    expect(stdout).toMatch(
      new RegExp(
        `^PRICE_HIGH {2}CRITICAL {2}OPEN {2}${anomalyId}\\n {2}C costs 9999\\n {2}recorded .*Z\\n {2}of +quotes ${next} INGEST\\n {2}capture +cap_\\w+\\n {2}run +run_\\w+, step \\w+\\n$`,
      ),
    );
    expect(exitCode).toBe(0);
  });

  it("names what fits an id that is too short, and fails with 2 for one nobody has", async () => {
    const { spine } = await recorded();
    const ambiguous = await spine("anomalies show ano_");
    expect(ambiguous.stderr).toMatch(
      /^error ANOMALY_NOT_FOUND: "ano_" fits 2 anomalies: ano_\w+, ano_\w+\.\n→ Give more /,
    );
    const unknown = await spine("anomalies show nope");
    expect(unknown.stderr).toMatch(
      /^error ANOMALY_NOT_FOUND: .*"nope"\.\n→ See what there is with: spine anomalies\n$/,
    );
    expect([ambiguous.exitCode, unknown.exitCode]).toEqual([2, 2]);
  });
});

describe("spine anomalies ack, resolve, accept, reopen", () => {
  it("move it on, and keep who said so and why", async () => {
    const project = await recorded();
    const anomalyId = await firstAnomaly(project);
    await project.spine(`anomalies ack ${anomalyId} --by anna --why looking`);
    await project.spine(`anomalies resolve ${anomalyId} --by ben --why repaired`);
    const reopened = await project.spine(`anomalies reopen ${anomalyId} --by anna --why again`);
    expect(reopened.stdout).toMatch(
      /^PRICE_HIGH {2}CRITICAL {2}OPEN [^]*\nWhat was decided\n.*Z {2}ACKNOWLEDGED by anna: looking\n.*Z {2}RESOLVED by ben: repaired\n.*Z {2}OPEN by anna: again\n$/,
    );
    const accepted = await project.json(`anomalies accept ${anomalyId} --by anna --why real`);
    expect(accepted.document).toMatchObject({
      status: "ACCEPTED",
      statusBy: "anna",
      statusReason: "real",
      changes: [{ status: "ACKNOWLEDGED" }, { status: "RESOLVED" }, { status: "OPEN" }, { status: "ACCEPTED" }],
    });
    expect((await project.spine("anomalies --status accepted")).stdout).toMatch(
      /\(ACCEPTED\) 2025-11-04 INGEST: C costs/,
    );
  });

  it("take the user of the machine for who decides, and want grounds", async () => {
    const project = await recorded();
    const anomalyId = await firstAnomaly(project);
    const silent = await project.spine(`anomalies ack ${anomalyId}`);
    expect(silent.stderr).toMatch(/^error COMMAND_INVALID: .*--why/);
    expect(silent.exitCode).toBe(2);
    const acknowledged = await project.spine(`anomalies ack ${anomalyId} --why looking`, { user: "carla" });
    expect(acknowledged.stdout).toMatch(/ACKNOWLEDGED by carla: looking\n$/);
  });

  it("refuse a step that an anomaly's life does not have", async () => {
    const project = await recorded();
    const anomalyId = await firstAnomaly(project);
    await project.spine(`anomalies resolve ${anomalyId} --by anna --why repaired`);
    const { exitCode, stderr } = await project.spine(`anomalies ack ${anomalyId} --by anna --why looking`);
    expect(stderr).toMatch(/^error ANOMALY_STATUS_INVALID: .*\n→ /);
    expect(exitCode).toBe(1);
  });
});
