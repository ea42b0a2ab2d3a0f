import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { exampleConfig, sqliteConfig } from "./configs.ts";
import { createProject } from "./project.ts";

/** One line with a code, one with what to do. */
const twoLines = /^error [A-Z_]+: [^\n]+\n→ [^\n]+\n$/;

/** Locks a database for writing until the test ends; in another process, as SQLite's locks belong to processes. */
async function lockedElsewhere(path: string): Promise<void> {
  const program = `new (require("node:sqlite").DatabaseSync)(${JSON.stringify(path)}).exec("begin immediate"); console.log("locked"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
}

const groupWithCycle = `
import { defineConfig } from "@spine/cli";
import { definePipeline, memory } from "@spine/core";
import { defineGroup } from "@spine/orchestration";
const work = definePipeline({ key: "t.work", run: () => ({}) });
const steps = [{ name: "a", pipeline: "t.work", dependsOn: ["b"] }, { name: "b", pipeline: "t.work", dependsOn: ["a"] }];
export default defineConfig({ store: memory(), pipelines: [work], groups: [defineGroup({ name: "t.group", steps })] });
`;

const unknownPipeline = `
import { defineConfig } from "@spine/cli";
import { definePipeline, memory } from "@spine/core";
import { workflow } from "@spine/orchestration";
const work = definePipeline({ key: "t.work", run: () => ({}) });
export default defineConfig({ store: memory(), pipelines: [work], workflows: [workflow("t.flow").pipeline("go", "t.wrok").build()] });
`;

const missingFile = `
import { readFileSync } from "node:fs";
import { defineConfig } from "@spine/cli";
import { definePipeline, memory } from "@spine/core";
const read = definePipeline({ key: "t.read", run: () => ({ text: readFileSync("/nowhere/prices.csv", "utf8") }) });
export default defineConfig({ store: memory(), pipelines: [read] });
`;

describe("bad input is one line with a code, and one with what to do", () => {
  it.each([
    ["an unknown command", exampleConfig(), "rnu", "COMMAND_INVALID", 'Did you mean "run"?', 2],
    ["an unknown option", exampleConfig(), "runs --jsno", "COMMAND_INVALID", 'Did you mean "--json"?', 2],
    ["a missing argument", exampleConfig(), "show", "COMMAND_INVALID", 'Missing required argument "run"', 2],
    ["an unknown status", exampleConfig(), "runs --status faild", "COMMAND_INVALID", 'Did you mean "FAILED"?', 2],
    ["a limit that is none", exampleConfig(), "runs --limit many", "COMMAND_INVALID", "--limit many", 2],
    ["an unknown name", exampleConfig(), "run prices.dialy", "RUNNABLE_NOT_FOUND", 'Did you mean "prices.daily"?', 2],
    ["a wrong parameter", exampleConfig(), "run prices.daily symbl=A", "PARAMS_INVALID", 'Did you mean "symbol"?', 2],
    [
      "a point in time without a zone",
      exampleConfig(),
      "run prices.daily symbol=A --as-of 2025-12-20",
      "INSTANT_INVALID",
      "it names a day",
      2,
    ],
    ["an unknown run", exampleConfig(), "show run_nope", "RUN_NOT_FOUND", '"run_nope"', 2],
    ["a missing file of data", missingFile, "run t.read", "SOURCE_NOT_FOUND", "/nowhere/prices.csv", 1],
    [
      "a missing file of parameters",
      exampleConfig(),
      "run prices.daily --params-file p.json",
      "SOURCE_NOT_FOUND",
      "p.json",
      1,
    ],
    ["a cycle", groupWithCycle, "run t.group", "GROUP_CYCLE", "a → b → a", 2],
    ["an unknown key in a workflow", unknownPipeline, "run t.flow", "PIPELINE_NOT_FOUND", 'Did you mean "t.work"?', 2],
    ["no project", undefined, "runs", "CONFIG_MISSING", "spine.config.ts", 2],
    ["a configuration that is not there", undefined, "runs --config other.ts", "CONFIG_MISSING", "other.ts", 2],
    [
      "a configuration without default export",
      "export const config = {};",
      "runs",
      "CONFIG_INVALID",
      "no default export",
      2,
    ],
    ["an unknown setting", "export default { plugin: [] };", "runs", "CONFIG_INVALID", 'Did you mean "plugins"?', 2],
    [
      "a setting of the wrong kind",
      "export default { plugins: {} };",
      "runs",
      "CONFIG_INVALID",
      '"plugins" that is not a list',
      2,
    ],
    [
      "a plugin that is none",
      "export default { plugins: [{}] };",
      "runs",
      "CONFIG_INVALID",
      "definePlugin did not make",
      2,
    ],
    [
      "a store that is none",
      'export default { store: "spine.db" };',
      "runs",
      "CONFIG_INVALID",
      '"store" that is not a store',
      2,
    ],
    ["no store", "export default {};", "runs", "CONFIG_MISSING", "store", 2],
    ["a configuration that throws", 'throw new Error("no luck");', "runs", "CONFIG_INVALID", "Error: no luck", 2],
    [
      "a mistake in a definition",
      'import { definePlugin } from "@spine/core"; definePlugin({ name: "a b" });',
      "runs",
      "KEY_INVALID",
      '"a b"',
      2,
    ],
    [
      "a package that is not installed",
      'import "spine-plugin-nope";',
      "runs",
      "CONFIG_INVALID",
      "spine-plugin-nope",
      2,
    ],
    [
      "an adapter that is not installed",
      'import "@spine/adapters-duckdb";',
      "runs",
      "ADAPTER_UNKNOWN",
      "@spine/adapters-duckdb",
      2,
    ],
    [
      "a store of an unknown kind",
      undefined,
      "runs --store mysql://me:secret@host/db",
      "CONFIG_INVALID",
      '"mysql://***@host/db"',
      2,
    ],
    ["a database that is not there", undefined, "runs --store nope.db", "DATABASE_UNAVAILABLE", "nope.db", 1],
    [
      "a folder that is not there",
      undefined,
      "migrate --store no/where.db",
      "DATABASE_UNAVAILABLE",
      "does not exist",
      1,
    ],
  ])("%s", async (_, config, args, code, text, exitCode) => {
    const ended = await createProject(config).spine(args);
    const error = ended.stderr.slice(ended.stderr.indexOf("error "));
    expect(error).toMatch(twoLines);
    expect(error).toContain(`error ${code}: `);
    expect(error).toContain(text);
    expect(ended.exitCode).toBe(exitCode);
  });

  it("is a document with --json", async () => {
    const { exitCode, stdout, stderr } = await createProject(exampleConfig()).spine("run prices.dialy --json");
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "RUNNABLE_NOT_FOUND",
        category: "ORCHESTRATION",
        retryable: false,
        remedy: expect.stringContaining("spine list"),
      },
    });
    expect(stderr).toBe("");
    expect(exitCode).toBe(2);
  });

  it("a file that is not a database", async () => {
    const project = createProject();
    project.write("notes.db", "These are notes, and not few of them.\n".repeat(100));
    const { exitCode, stderr } = await project.spine("runs --store notes.db");
    expect(stderr).toMatch(twoLines);
    expect(stderr).toContain("error DATABASE_CORRUPT: ");
    expect(exitCode).toBe(1);
  });

  it("a database that somebody keeps locked", async () => {
    const project = createProject(exampleConfig('sqlite(import.meta.dirname + "/spine.db", { busyTimeoutMs: 50 })'));
    await project.spine("migrate");
    await lockedElsewhere(join(project.folder, "spine.db"));
    const { exitCode, stderr } = await project.spine("run prices.daily symbol=ACME");
    expect(stderr).toMatch(twoLines);
    expect(stderr).toContain("error DATABASE_BUSY: ");
    expect(exitCode).toBe(1);
  });

  // For root every file is writable.
  it.skipIf(process.getuid?.() === 0)("a database that may not be written", async () => {
    const project = createProject(sqliteConfig);
    await project.spine("migrate");
    writeFileSync(join(project.folder, "spine.db"), "", { flag: "a", mode: 0o444 });
    const { exitCode, stderr } = await project.spine("run prices.daily symbol=ACME");
    expect(stderr).toMatch(twoLines);
    expect(stderr).toContain("error DATABASE_READ_ONLY: ");
    expect(exitCode).toBe(1);
  });
});
