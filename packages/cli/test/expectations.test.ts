import { fakeClock } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { captureIds, createLedger, newestCapture, writeQuotes } from "./ledger.ts";
import type { Project } from "./project.ts";

const monday = "2025-11-03";
const tuesday = "2025-11-04";
const absent = "2025-11-05";

/** Monday is stale, Tuesday is blocked, the other days of the week are late. */
async function week(): Promise<Project> {
  const project = createLedger({ [monday]: "A,10\n", [tuesday]: "A,-1\n" });
  await project.spine(`run quotes.daily date=${monday}`);
  await project.spine(`run quotes.daily date=${tuesday}`);
  writeQuotes(project, monday, "A,12\n");
  await project.spine(`run quotes.ingest date=${monday}`);
  return project;
}

describe("spine gaps", () => {
  it("lists what is not as it should be, and the command that repairs each kind", async () => {
    const project = await week();
    const held = await newestCapture(project, "--gate block");
    const { exitCode, stdout } = await project.spine("gaps quotes.daily");
    const [title, heading, ...rest] = stdout.split("\n");
    expect(title).toBe("quotes.daily  5 partitions expected: 1 blocked, 3 late, 1 stale");
    expect(heading).toMatch(/^PARTITION +STATUS +DUE SINCE +STAGES$/);
    expect(rest.slice(0, 3).join("\n")).toMatch(
      /^2025-11-03 +stale .*Z +AVERAGE\n2025-11-04 +blocked .*Z +INGEST, AVERAGE late\n2025-11-05 +late .*Z +INGEST, AVERAGE$/,
    );
    expect(rest.slice(5)).toEqual([
      `→ 1 partition blocked: spine captures show ${held}`,
      '→ 3 partitions late: spine backfill create quotes.daily --mode missing --from 2025-11-05 --to 2025-11-07 --reason "<why>" --run',
      '→ 1 partition stale: spine backfill create quotes.daily --mode stale --from 2025-11-03 --to 2025-11-03 --reason "<why>" --run',
      "",
    ]);
    expect(exitCode).toBe(1);
  });

  it("is a document of everything, whatever the limit", async () => {
    const project = await week();
    const { exitCode, document } = await project.json("gaps --all --limit 1");
    expect(document).toMatchObject({
      expectations: [
        {
          expectation: "quotes.daily",
          expected: 5,
          counts: { blocked: 1, late: 3, stale: 1 },
          partitions: [
            { partition: monday, status: "stale", repair: expect.stringContaining("--mode stale") },
            { partition: tuesday, status: "blocked", repair: expect.stringContaining("spine captures show cap_") },
            { partition: absent, status: "late", stages: [{ stage: "INGEST" }, { stage: "AVERAGE" }] },
            {},
            {},
          ],
        },
      ],
    });
    expect(exitCode).toBe(1);
  });

  it("says how to see more, and ends with 0 when nothing is absent", async () => {
    const project = await week();
    expect((await project.spine("gaps quotes.daily --limit 2")).stdout).toContain(
      "\n2 of 5 shown; more: add --limit <count>\n",
    );
    const { exitCode, stdout } = await project.spine(`gaps quotes.daily --from 2025-12-01`);
    expect(stdout).toBe("quotes.daily  0 partitions expected\n");
    expect(exitCode).toBe(0);
  });

  it("counts by the clock it is given: what is not due yet is no gap", async () => {
    const project = createLedger();
    await project.spine("migrate");
    const clock = fakeClock("2025-11-04T12:00:00Z");
    const { stdout } = await project.spine("gaps quotes.daily --to 2025-11-07", { clock });
    expect(stdout).toMatch(/^quotes\.daily {2}5 partitions expected: 2 late, 3 not due\n/);
  });

  it.each([
    ["gaps", /^error COMMAND_INVALID: No expectation is named\.\n→ Name one of: spine list expectations/],
    ["gaps quotes.daily --all", /^error COMMAND_INVALID: Both "quotes\.daily" and --all are given\./],
    [
      "gaps quotes.dialy",
      /^error EXPECTATION_NOT_FOUND: .*Did you mean "quotes\.daily"\?\n→ .*spine list expectations\n$/,
    ],
    ["gaps quotes.daily --from 2025-13-01", /^error DATE_INVALID: .*2025-13-01.*\n→ /],
    [
      "gaps quotes.daily --from 2025-11-07 --to 2025-11-03",
      /^error COMMAND_INVALID: .* is after .*\n→ Exchange them\.\n$/,
    ],
    ["gaps quotes.daily --limit 0", /^error COMMAND_INVALID: --limit 0 is not a whole number from 1 to /],
  ])("refuses %s", async (command, text) => {
    const { exitCode, stderr } = await createLedger().spine(command);
    expect(stderr).toMatch(text);
    expect(exitCode).toBe(2);
  });
});

describe("spine accept-gap", () => {
  it("takes a partition off the gaps, and withdraw-gap puts it back", async () => {
    const project = await week();
    const accepted = await project.spine(`accept-gap quotes.daily ${absent} --by anna --reason holiday`);
    expect(accepted.stdout).toBe(`${absent} of quotes.daily need not come: INGEST, AVERAGE, says anna.\n`);
    expect((await project.spine("gaps quotes.daily")).stdout).toMatch(/: 1 blocked, 2 late, 1 stale, 1 accepted\n/);
    const withdrawn = await project.spine(`withdraw-gap quotes.daily ${absent}`);
    expect(withdrawn.stdout).toBe(`${absent} of quotes.daily is expected again: 2 stages.\n`);
    expect((await project.spine("gaps quotes.daily")).stdout).toMatch(/: 1 blocked, 3 late, 1 stale\n/);
    const again = await project.spine(`withdraw-gap quotes.daily ${absent}`);
    expect(again.stdout).toMatch(/^Nobody had accepted .* See: spine gaps quotes\.daily\n$/);
    expect(again.exitCode).toBe(1);
  });

  it("is a document with who and why", async () => {
    const project = await week();
    const { document } = await project.json(
      `accept-gap quotes.daily ${absent} --stage AVERAGE --by anna --reason holiday`,
    );
    expect(document).toMatchObject({
      accepted: [{ partition: absent, stage: "AVERAGE", author: "anna", reason: "holiday" }],
    });
  });

  it.each([
    [`quotes.daily ${absent}`, /^error COMMAND_INVALID: .*--reason/],
    [`quotes.daily 2025-11-08 --reason x --by anna`, /^error \w+: .*2025-11-08.*\n→ /],
    [`quotes.daily ${absent} --stage AVERGAE --reason x --by anna`, /^error \w+: .*AVERGAE.*AVERAGE.*\n→ /],
  ])("refuses %s", async (args, text) => {
    const project = createLedger();
    await project.spine("migrate");
    const { exitCode, stderr } = await project.spine(`accept-gap ${args}`);
    expect(stderr).toMatch(text);
    expect(exitCode).toBeGreaterThan(0);
  });
});

describe("spine readiness", () => {
  it("names what is against a partition", async () => {
    const project = await week();
    const [stale, blocked] = [
      await project.spine(`readiness quotes.daily ${monday}`),
      await project.spine(`readiness quotes.daily ${tuesday}`),
    ];
    expect(stale.stdout).toMatch(
      /^quotes\.daily 2025-11-03 {2}NOT READY\n {2}certificate +none; [^]*\nAgainst it\n {2}STALE: .*AVERAGE/,
    );
    expect(blocked.stdout).toMatch(
      /\nAgainst it\n {2}\w+: .*INGEST[^]*\nStages\n {2}STAGE +CAPTURE +GATE +AVAILABLE\n/,
    );
    expect([stale.exitCode, blocked.exitCode]).toEqual([1, 1]);
  });

  it("keeps a certificate with --certify, which holds until a capture changes", async () => {
    const project = createLedger({ [monday]: "A,10\n" });
    await project.spine(`run quotes.daily date=${monday}`);
    const certified = await project.spine(`readiness quotes.daily ${monday} --certify`);
    expect(certified.stdout).toMatch(/^quotes\.daily 2025-11-03 {2}READY\n {2}certificate +\w+ of .*Z\n\nStages\n/);
    expect(certified.exitCode).toBe(0);
    expect((await project.json(`readiness quotes.daily ${monday}`)).document).toMatchObject({
      ready: true,
      holds: true,
    });

    writeQuotes(project, monday, "A,12\n");
    await project.spine(`run quotes.daily date=${monday}`);
    const later = await project.spine(`readiness quotes.daily ${monday}`);
    expect(later.stdout).toMatch(/certificate +\w+ of .*Z said READY of other captures, and holds no more\n/);
    expect(later.stdout).toMatch(/\nKeep this as a certificate: spine readiness quotes\.daily 2025-11-03 --certify\n$/);
  });

  it("is a document with the captures it judged", async () => {
    const project = createLedger({ [monday]: "A,10\n" });
    await project.spine(`run quotes.daily date=${monday}`);
    const [average, ingest] = await captureIds(project);
    expect((await project.json(`readiness quotes.daily ${monday}`)).document).toMatchObject({
      ready: true,
      holds: false,
      present: {
        blockers: [],
        stages: [
          { stage: "INGEST", captureId: ingest },
          { stage: "AVERAGE", captureId: average },
        ],
      },
    });
  });

  it.each([
    ["quotes.dialy 2025-11-03", /^error EXPECTATION_NOT_FOUND: .*Did you mean "quotes\.daily"\?/],
    ["quotes.daily 2025-11-08", /^error \w+: .*2025-11-08.*\n→ /],
  ])("refuses %s", async (args, text) => {
    const project = createLedger();
    await project.spine("migrate");
    const { exitCode, stderr } = await project.spine(`readiness ${args}`);
    expect(stderr).toMatch(text);
    expect(exitCode).toBeGreaterThan(0);
  });
});
