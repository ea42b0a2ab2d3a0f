import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { exampleConfig, sqliteConfig } from "./configs.ts";
import { createProject } from "./project.ts";

const mistakes = `
import { defineConfig } from "@spine/cli";
import { definePipeline, memory } from "@spine/core";
import { defineGroup, workflow } from "@spine/orchestration";
const work = definePipeline({ key: "t.work", run: () => ({}) });
const cycle = [{ name: "a", pipeline: "t.work", dependsOn: ["b"] }, { name: "b", pipeline: "t.work", dependsOn: ["a"] }];
export default defineConfig({
  store: memory(),
  pipelines: [work],
  groups: [defineGroup({ name: "t.group", steps: cycle })],
  workflows: [workflow("t.flow").pipeline("go", "t.wrok").group("all", "t.gruop").build()],
});
`;

const unmet = `
import { defineConfig } from "@spine/cli";
import { definePipeline, memory } from "@spine/core";
export default defineConfig({ store: memory(), pipelines: [definePipeline({ key: "t.work", needs: ["sql"], run: () => ({}) })] });
`;

describe("spine migrate", () => {
  it("brings a database up to date once", async () => {
    const { spine } = createProject(sqliteConfig);
    expect((await spine("migrate")).stdout).toMatch(
      /spine\.db was brought up to date:\n {2}spine 0001-foundation\n {2}spine 0002-captures\n {2}spine 0008-orchestration\n/,
    );
    expect((await spine("migrate")).stdout).toMatch(/spine\.db is up to date\.\n$/);
  });

  it("is a document with what was applied", async () => {
    const { json } = createProject(sqliteConfig);
    expect((await json("migrate")).document).toMatchObject({
      store: { kind: "sqlite" },
      applied: ["spine 0001-foundation", "spine 0002-captures", "spine 0008-orchestration"],
    });
  });
});

describe("spine doctor", () => {
  it("finds nothing wrong with a project that works", async () => {
    const { exitCode, stdout } = await createProject(sqliteConfig).spine("doctor");
    expect(stdout).toMatch(
      /ok +store +sqlite at .*spine\.db\nok +migrations +brought up to date: .*\nok +writable +takes writes\nok +runs +none is left behind\n/,
    );
    expect(stdout).toMatch(
      /ok +definitions +3 workflows, 1 group, 3 pipelines\nok +needs .*\nok +data +nothing is expected; .*\nok +copies +one copy of @spine\/core\n\nNothing is wrong\.\n$/,
    );
    expect(exitCode).toBe(0);
  });

  it("leaves nothing of what it wrote", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("doctor");
    const database = new DatabaseSync(join(project.folder, "spine.db"));
    onTestFinished(() => database.close());
    expect(database.prepare("select count(*) as count from core_anomalies").get()).toEqual({ count: 0 });
  });

  it("lists every mistake in the definitions with the nearest name", async () => {
    const { exitCode, document } = await createProject(mistakes).json("doctor");
    const texts = (document["checks"] as readonly { readonly status: string; readonly text: string }[])
      .filter(({ status }) => status === "problem")
      .map(({ text }) => text);
    expect(texts).toEqual([
      'Workflow "t.flow", step "go" names pipeline "t.wrok", which is not registered. Did you mean "t.work"?',
      'Workflow "t.flow", step "all" names group "t.gruop", which is not registered. Did you mean "t.group"?',
      expect.stringMatching(/^GROUP_CYCLE: Group "t\.group" has a cycle: a → b → a\./),
    ]);
    expect(exitCode).toBe(1);
  });

  it("finds pipelines whose needs are not met", async () => {
    const { exitCode, stdout } = await createProject(unmet).spine("doctor");
    expect(stdout).toMatch(
      /problem needs +CAPABILITY_MISSING: Pipeline "t\.work" needs sql, which the memory store has not\./,
    );
    expect(exitCode).toBe(1);
  });

  it("says what is wrong with a store it cannot open, and still looks at the rest", async () => {
    const { exitCode, stdout } = await createProject(exampleConfig('sqlite("/nowhere/spine.db")')).spine("doctor");
    expect(stdout).toMatch(/problem store +DATABASE_UNAVAILABLE: .*\n +→ /);
    expect(stdout).toMatch(/ok +definitions/);
    expect(exitCode).toBe(1);
  });

  it("finds a plugin that has a copy of core of its own", async () => {
    const project = createProject(exampleConfig());
    project.write("package.json", '{ "dependencies": { "spine-plugin-x": "1" } }');
    project.write("node_modules/spine-plugin-x/package.json", '{ "peerDependencies": { "@spine/core": "1" } }');
    project.write("node_modules/spine-plugin-x/node_modules/@spine/core/package.json", "{}");
    const { exitCode, stdout } = await project.spine("doctor");
    expect(stdout).toMatch(
      /warning copies +2 copies of @spine\/core: .*\(this project, spine\); .*\(spine-plugin-x\)\n +→ .*npm dedupe/,
    );
    expect(exitCode).toBe(0);
  });
});
