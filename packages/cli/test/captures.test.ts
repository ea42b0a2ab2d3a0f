import { sqlite } from "@spine/adapters-sqlite";
import { orThrow, silentLogger, systemClock } from "@spine/core";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { captureIds, createLedger, newestCapture, writeQuotes } from "./ledger.ts";
import type { Project } from "./project.ts";

const day = "2025-11-03";

/** One day that was captured, computed from, and captured again with another price. */
async function restated(): Promise<Project> {
  const project = createLedger({ [day]: "A,10\nB,20\nC,n/a\n" });
  await project.spine(`run quotes.daily date=${day}`);
  writeQuotes(project, day, "A,10\nB,26\nD,40\n");
  await project.spine(`run quotes.ingest date=${day}`);
  return project;
}

describe("spine captures", () => {
  it("lists the newest first, each in its true state", async () => {
    const { spine } = await restated();
    const { exitCode, stdout } = await spine("captures");
    expect(stdout).toMatch(
      /^CAPTURE +PARTITION +STAGE +STATE +ROWS\ncap_\w+ +2025-11-03 +INGEST +COMPLETE +3 +since .*Z, restatement\ncap_\w+ +2025-11-03 +AVERAGE +STALE +1 +since .*Z, first\ncap_\w+ +2025-11-03 +INGEST +COMPLETE +2 +since .*Z, first\n$/,
    );
    expect(exitCode).toBe(0);
  });

  it("filters, and pages by the last capture of the page before", async () => {
    const project = await restated();
    const [second, average, first] = await captureIds(project);
    expect(await captureIds(project, "--stale")).toEqual([average]);
    expect(await captureIds(project, "--stage INGEST --status complete")).toEqual([second, first]);
    expect(await captureIds(project, "--domain nothing")).toEqual([]);
    const page = await project.spine("captures --limit 2");
    expect(page.stdout).toMatch(new RegExp(`\\n2 captures shown; older ones: add --before ${average}\\n$`));
    expect((await project.json(`captures --limit 2 --before ${average?.slice(-8)}`)).document).toEqual({
      captures: [expect.objectContaining({ captureId: first })],
    });
  });

  it("filters by the run that made them", async () => {
    const project = await restated();
    const { document } = await project.json("runs --name quotes.daily");
    const [{ runId = "" } = {}] = document["runs"] as readonly { readonly runId?: string }[];
    expect(await captureIds(project, `--run ${runId.slice(-8)}`)).toHaveLength(2);
  });

  it("says what makes captures when there are none, and that no one fits when filters leave none", async () => {
    const { spine } = createLedger();
    expect((await spine("migrate")).exitCode).toBe(0);
    expect((await spine("captures")).stdout).toBe("No captures. A pipeline makes them: spine run <name>\n");
    expect((await spine("captures --stale")).stdout).toBe("No capture is like that.\n");
  });
});

describe("spine captures show", () => {
  it("shows clocks, content, checks with actual and expected values, rejects and relatives", async () => {
    const project = await restated();
    const [, , first = ""] = await captureIds(project);
    const { stdout } = await project.spine(`captures show ${first}`);
    expect(stdout).toMatch(/^quotes 2025-11-03 INGEST\/BRONZE {2}COMPLETE {2}cap_\w+\n/);
    expect(stdout).toMatch(/\n {2}effective +2025-11-03\n/);
    expect(stdout).toMatch(/\n {2}available +\d{4}-.*Z\n/);
    expect(stdout).toMatch(/\n {2}rows +2, 1 rejected\n {2}in tables +quotes\n/);
    expect(stdout).toMatch(
      /\nChecks\n {2}CHECK +ACTUAL +EXPECTED\n {2}not_negative +PASS +10 +0 +the lowest price\n {2}not_zero +PASS /,
    );
    expect(stdout).toMatch(/\nRejected\n {2}REASON +COUNT\n {2}PRICE_MISSING +1\n/);
    expect(stdout).toMatch(/\nWhat was computed from it\n.*\n {2}cap_\w+ +STALE +quotes 2025-11-03 AVERAGE\/GOLD\n$/);
  });

  it("shows what it was computed from", async () => {
    const project = createLedger({ [day]: "A,10\n" });
    await project.spine(`run quotes.daily date=${day}`);
    const captureId = await newestCapture(project, "--stage AVERAGE");
    const { stdout, exitCode } = await project.spine(`captures show ${captureId}`);
    expect(stdout).toMatch(/\nComputed from\n.*\n {2}cap_\w+ +COMPLETE +quotes 2025-11-03 INGEST\/BRONZE\n$/);
    expect(exitCode).toBe(0);
  });

  it("shows when a run found its content unchanged", async () => {
    const project = createLedger({ [day]: "A,10\n" });
    await project.spine(`run quotes.ingest date=${day}`);
    await project.spine(`run quotes.ingest date=${day}`);
    const [captureId = "", ...others] = await captureIds(project);
    const [{ runId = "" } = {}] = (await project.json("runs")).document["runs"] as readonly {
      readonly runId?: string;
    }[];
    expect(others).toEqual([]);
    expect((await project.spine(`captures show ${captureId}`)).stdout).toMatch(
      new RegExp(`\\nSince then\\n {2}\\d{4}-.*Z {2}found unchanged by ${runId}, step \\w+\\n$`),
    );
    expect((await project.json(`captures show ${captureId}`)).document).toMatchObject({
      remarks: [{ kind: "unchanged", runId }],
    });
  });

  it("tells the last twenty remarks, and all of them to programs", async () => {
    const project = createLedger();
    const { source } = await diamond(project, { notes: 25 });
    const { stdout } = await project.spine(`captures show ${source}`);
    expect(stdout).toMatch(
      /\nSince then\n {2}5 earlier ones; all of them: add --json\n( {2}.* found unchanged\n){20}$/,
    );
    expect((await project.json(`captures show ${source}`)).document["remarks"]).toHaveLength(25);
  });

  it("is a document with everything", async () => {
    const project = await restated();
    const [second, average, first] = await captureIds(project);
    expect((await project.json(`captures show ${average}`)).document).toMatchObject({
      captureId: average,
      staleBy: second,
      inputs: [{ captureId: first, stage: "INGEST" }],
      derived: [],
      checks: [],
      tables: ["averages"],
    });
  });

  it("names what fits an id that is too short, and fails with 2 for one nobody has", async () => {
    const { spine } = await restated();
    const ambiguous = await spine("captures show cap_");
    expect(ambiguous.stderr).toMatch(
      /^error CAPTURE_NOT_FOUND: "cap_" fits 3 captures: cap_\w+, .*\n→ Give more of the/,
    );
    const unknown = await spine("captures show nope");
    expect(unknown.stderr).toMatch(/^error CAPTURE_NOT_FOUND: .*"nope"\.\n→ See what there is with: spine captures\n$/);
    expect([ambiguous.exitCode, unknown.exitCode]).toEqual([2, 2]);
  });
});

describe("spine captures resolve", () => {
  it("gives what readers get now, and what they got then", async () => {
    const project = await restated();
    const [second, , first] = await captureIds(project);
    const now = await project.json(`captures resolve quotes ${day} INGEST`);
    expect(now.document).toMatchObject({ captureId: second });
    const { document } = await project.json(`captures show ${first}`);
    const then = await project.json(
      `captures resolve quotes ${day} INGEST --as-of ${document["availableAt"] as string}`,
    );
    expect(then.document).toMatchObject({ captureId: first });
  });

  it.each([
    [
      `resolve quotes 2025-11-30 INGEST`,
      /INGEST\. Did you mean "2025-11-03"\?\n→ Run: spine captures --domain quotes\n$/,
    ],
    [
      `resolve quotes ${day} INGEST --as-of 2020-01-01T00:00:00Z`,
      /as of 2020-01-01T00:00:00\.000Z\. Later they do\.\n→ Run: spine captures show cap_/,
    ],
    ["resolve quotes 2025-11-04 INGEST", /INGEST\. The last one is BLOCKED\.\n→ Run: spine captures show cap_/],
  ])("says why readers get nothing: %s", async (command, text) => {
    const project = await restated();
    writeQuotes(project, "2025-11-04", "A,-1\n");
    await project.spine("run quotes.daily date=2025-11-04");
    const { exitCode, stderr } = await project.spine(`captures ${command}`);
    expect(stderr).toMatch(/^error CAPTURE_NOT_FOUND: Readers get no capture of quotes /);
    expect(stderr).toMatch(text);
    expect(exitCode).toBe(1);
  });
});

describe("spine captures release", () => {
  it("shows readers what a gate held back, and keeps who said so", async () => {
    const project = createLedger({ [day]: "A,-1\n" });
    await project.spine(`run quotes.daily date=${day}`);
    const captureId = await newestCapture(project, "--gate block");
    expect((await project.spine(`captures show ${captureId}`)).stdout).toMatch(
      new RegExp(`BLOCKED .*\\n[^]*next +show it .*: spine captures release ${captureId} --why <text>\\n`),
    );
    const { exitCode, stdout } = await project.spine(`captures release ${captureId.slice(-8)} --by anna --why short`);
    expect(stdout).toMatch(new RegExp(`^Readers see ${captureId} of quotes ${day} INGEST/BRONZE since .*Z\\.\\n$`));
    expect(exitCode).toBe(0);
    expect((await project.json(`captures resolve quotes ${day} INGEST`)).document).toMatchObject({ captureId });
    expect((await project.spine(`captures show ${captureId}`)).stdout).toMatch(
      /\nSince then\n {2}\d{4}-.*Z {2}released by anna: short\n$/,
    );
  });

  it("refuses one that nothing holds back, and wants grounds and an author", async () => {
    const project = await restated();
    const [captureId] = await captureIds(project);
    const free = await project.spine(`captures release ${captureId} --by anna --why checked`);
    expect(free.stderr).toMatch(/^error CAPTURE_NOT_HELD_BACK: /);
    expect(free.exitCode).toBe(1);
    expect((await project.spine(`captures release ${captureId}`)).stderr).toMatch(/^error COMMAND_INVALID: .*--why/);
    const nameless = await project.spine(`captures release ${captureId} --why checked`, { user: undefined });
    expect(nameless.stderr).toBe("error COMMAND_INVALID: Nobody is named who decides.\n→ Say who: --by <name>\n");
  });
});

describe("spine captures sweep", () => {
  it("finds nothing behind a run that failed, which removes by itself what no reader ever saw", async () => {
    const project = createLedger({ [day]: "TORN,10\nB,20\n" });
    await project.spine(`run quotes.daily date=${day}`);
    expect((await project.spine("captures --status failed")).stdout).toMatch(/INGEST +FAILED .*is torn/);
    const { exitCode, stdout } = await project.spine("captures sweep");
    expect(stdout).toBe("Nothing is left to sweep.\n");
    expect(exitCode).toBe(0);
  });
});

describe("spine lineage", () => {
  it("draws what a capture was computed from, and what made it stale", async () => {
    const project = await restated();
    const [second = "", average = "", first = ""] = await captureIds(project);
    const { stdout } = await project.spine(`lineage ${average}`);
    expect(stdout).toMatch(
      new RegExp(
        `^quotes ${day} AVERAGE/GOLD {2}${average} {2}STALE\\n└─ quotes ${day} INGEST/BRONZE {2}${first} {2}COMPLETE\\n\\nIt was computed from 1 capture\\.\\nIt is stale since .*Z by ${second}, which restates quotes ${day} INGEST/BRONZE\\.\\n$`,
      ),
    );
  });

  it("draws what was computed from it with --down", async () => {
    const project = await restated();
    const [, average = "", first = ""] = await captureIds(project);
    const { stdout } = await project.spine(`lineage ${first} --down`);
    expect(stdout).toMatch(new RegExp(`\\n└─ quotes ${day} AVERAGE/GOLD {2}${average} {2}STALE\\n`));
    expect(stdout).toMatch(/\nComputed from it: 1 capture, 1 of them stale\.\n$/);
    expect((await project.json(`lineage ${first} --down`)).document).toMatchObject({
      direction: "down",
      root: { captureId: first },
      nodes: [{ captureId: average, depth: 1 }],
      edges: [{ captureId: average, input: first }],
    });
  });

  it("names a capture that several ways lead to where it comes again, and stops at a depth", async () => {
    const project = createLedger();
    const ids = await diamond(project);
    const { stdout } = await project.spine(`lineage ${ids.report}`);
    const tree = stdout.replaceAll(/quotes \d (\w+)\/GOLD {2}cap_\w+ {2}COMPLETE/g, "$1");
    expect(tree).toBe(
      "REPORT\n├─ LEFT\n│  └─ SOURCE\n└─ RIGHT\n   └─ SOURCE\n\nIt was computed from 3 captures.\n".replace(
        "   └─ SOURCE",
        "   └─ SOURCE",
      ),
    );
    const below = await project.spine(`lineage ${ids.source} --down --depth 1`);
    expect(below.stdout).toMatch(/├─ .*LEFT.*\(1 more behind it\)\n└─ .*RIGHT.*\(1 more behind it\)\n/);
    expect((await project.json(`lineage ${ids.source} --down --depth 1`)).document).toMatchObject({
      nodes: [{ depth: 1 }, { depth: 1 }],
    });
    expect((await project.spine(`lineage ${ids.source} --down`)).stdout).toMatch(
      /REPORT.*\n└─ .*RIGHT.*\n {3}└─ .*REPORT/,
    );
  });
});

/** A report computed from two captures of one source, which was found unchanged a number of times. */
async function diamond(
  { folder }: Project,
  { notes = 0 }: { readonly notes?: number } = {},
): Promise<{ readonly source: string; readonly report: string }> {
  const environment = { clock: systemClock, logger: silentLogger, contributions: () => [] };
  const store = await orThrow(sqlite(join(folder, "spine.db")).open(environment));
  const capture = async (captureId: string, stage: string, inputs: readonly string[]): Promise<string> => {
    const slot = { domain: "quotes", partition: "1", stage, tier: "GOLD" };
    await orThrow(store.captures.start({ ...slot, captureId, inputs }));
    await orThrow(store.captures.complete({ captureId, rowCount: 1, contentHash: captureId }));
    return captureId;
  };
  const source = await capture("cap_1", "SOURCE", []);
  const left = await capture("cap_2", "LEFT", [source]);
  const right = await capture("cap_3", "RIGHT", [source]);
  const report = await capture("cap_4", "REPORT", [left, right]);
  for (let note = 0; note < notes; note += 1) await orThrow(store.captures.note({ captureId: source }));
  await orThrow(store.close());
  return { source, report };
}

describe("spine diff", () => {
  it("shows added, removed and changed rows, with the changed columns before and after", async () => {
    const project = createLedger({ [day]: "A,10\nB,20\nE,5\n" });
    await project.spine(`run quotes.ingest date=${day}`);
    writeQuotes(project, day, "A,10\nB,26\nD,40\n");
    await project.spine(`run quotes.ingest date=${day}`);
    const [after = "", before = ""] = await captureIds(project);
    const { exitCode, stdout } = await project.spine(`diff ${before} ${after.slice(-8)}`);
    expect(stdout).toMatch(new RegExp(`^ {2}before +${before} .*\\n {2}after +${after} .*\\n`));
    expect(stdout).toMatch(
      /\nquotes {2}1 removed, 1 changed, 1 added, 1 the same\n +symbol\n {2}- {2}E +price=5\n {2}~ {2}B +price 20 → 26\n {2}\+ {2}D +price=40\n$/,
    );
    expect(exitCode).toBe(0);
    expect((await project.json(`diff ${before} ${after}`)).document).toMatchObject({
      tables: [
        {
          table: "quotes",
          key: ["symbol"],
          examples: { changed: [{ key: { symbol: "B" }, columns: { price: { before: 20, after: 26 } } }] },
        },
      ],
    });
  });

  it("refuses captures whose rows have nothing in common, and an unknown table", async () => {
    const project = await restated();
    const [second, average, first] = await captureIds(project);
    const stages = await project.spine(`diff ${first} ${average}`);
    expect(stages.stderr).toMatch(/^error VALIDATION_FAILED: .*different stages.*\n→ /);
    const table = await project.spine(`diff ${first} ${second} --table quote`);
    expect(table.stderr).toMatch(/^error VALIDATION_FAILED: .*"quote".*quotes\.\n→ /);
    expect([stages.exitCode, table.exitCode]).toEqual([1, 1]);
  });
});

describe("spine retention", () => {
  it("shows what would go and removes it with --apply; the ledger stays", async () => {
    const project = await restated();
    const [, , first = ""] = await captureIds(project);
    const preview = await project.spine("retention");
    expect(preview.stdout).toMatch(
      new RegExp(
        `^quotes, keeps 1 version {2}the rows of 1 capture would go\\n.*\\n {2}${first} +quotes ${day} INGEST/BRONZE +superseded +2 +quotes\\n\\nNothing was removed\\. Remove .*: spine retention --apply\\n$`,
      ),
    );
    expect((await project.spine("retention --apply")).stdout).toBe(
      "Removed 2 rows of 1 capture; the ledger keeps their entries.\n",
    );
    expect((await project.spine(`captures show ${first}`)).stdout).toMatch(/\n {2}in tables +removed \d{4}-.*Z\n/);
    expect((await project.spine("retention")).stdout).toMatch(/nothing to remove\n\nNothing is to be removed\.\n$/);
  });

  it("says where rules are written when there are none", async () => {
    const project = createLedger();
    project.write("other.ts", 'import { memory } from "@spine/core"; export default { store: memory() };');
    const { exitCode, stderr } = await project.spine("retention -c other.ts");
    expect(stderr).toMatch(/^error CONFIG_MISSING: .*retentions\.\n→ .*defineRetention/);
    expect(exitCode).toBe(2);
  });
});
