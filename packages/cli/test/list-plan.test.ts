import { describe, expect, it } from "vitest";
import { exampleConfig } from "./configs.ts";
import { createProject } from "./project.ts";

/** A store that cannot be opened: looking at definitions must not need one. */
const withoutStore = exampleConfig('sqlite("/nowhere/at/all/spine.db")');

describe("spine list", () => {
  it("shows everything there is, with parameters, and touches no store", async () => {
    const { exitCode, stdout } = await createProject(withoutStore).spine("list");
    expect(stdout).toMatch(/WORKFLOWS\nprices\.daily +2 steps, params: symbol \[days\] .* · Loads and checks\./);
    expect(stdout).toMatch(/GROUPS\nprices\.group {2}3 steps, parallel/);
    expect(stdout).toMatch(/PIPELINES\nprices\.check +params: symbol\n/);
    expect(stdout).toMatch(/PLUGINS\nprices +version 1\.2\.0, 3 pipelines, 3 workflows, 1 group/);
    expect(exitCode).toBe(0);
  });

  it("shows one kind as a document", async () => {
    const { document } = await createProject(withoutStore).json("list groups");
    expect(document).toMatchObject({
      groups: [{ kind: "group", name: "prices.group", steps: ["load", "check", "report"] }],
    });
    expect(Object.keys(document)).toEqual(["groups"]);
  });

  it("names the nearest kind", async () => {
    const { exitCode, stderr } = await createProject(withoutStore).spine("list piplines");
    expect(stderr).toMatch(/^error COMMAND_INVALID: There is no list of "piplines"\. Did you mean "pipelines"\?\n/);
    expect(exitCode).toBe(2);
  });
});

describe("spine plan", () => {
  it("shows a group's levels with each step's parameters", async () => {
    const { stdout } = await createProject(withoutStore).spine("plan prices.group symbol=ACME");
    expect(stdout).toMatch(/LEVEL {2}STEP +PIPELINE +AFTER +PARAMS\n0 +load +prices\.load +days=2 symbol=ACME\n/);
    expect(stdout).toMatch(/1 +report +prices\.check +load, check +days=2 symbol=ALL\n/);
  });

  it("shows a workflow's steps and the types of its parameters", async () => {
    const { stdout } = await createProject(withoutStore).spine("plan prices.daily");
    expect(stdout).toMatch(/load +pipeline +prices\.load\n/);
    expect(stdout).toMatch(/symbol +string +required\n/);
    expect(stdout).toMatch(/days +integer +optional|days +integer +=/);
    expect(stdout).toMatch(/mode +"fast" \| "slow" +optional/);
  });

  it("is a document with levels", async () => {
    const { document } = await createProject(withoutStore).json("plan prices.group");
    expect(document).toMatchObject({
      kind: "group",
      steps: [
        { name: "load", level: 0 },
        { name: "check", level: 0 },
        { name: "report", level: 1, dependsOn: ["load", "check"] },
      ],
    });
  });

  it("names the nearest when there is nothing of a name", async () => {
    const { exitCode, stderr } = await createProject(withoutStore).spine("plan prices.dialy");
    expect(stderr).toMatch(/^error RUNNABLE_NOT_FOUND: .* Did you mean "prices\.daily"\?\n→ .*spine list/);
    expect(exitCode).toBe(2);
  });
});
