import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exampleConfig, sqliteConfig } from "./configs.ts";
import { createProject } from "./project.ts";

describe("the configuration file", () => {
  it("is found from a folder further down", async () => {
    const project = createProject(exampleConfig());
    project.write("deep/down/notes.txt", "");
    const { exitCode } = await project.spine("list", { cwd: join(project.folder, "deep/down") });
    expect(exitCode).toBe(0);
  });

  it.each(["spine.config.mts", "spine.config.js", "spine.config.mjs"])("may be called %s", async (name) => {
    const project = createProject();
    project.write(name, 'import { memory } from "@spine/core"; export default { store: memory() };');
    project.write("package.json", '{ "type": "module" }');
    expect((await project.spine("runs")).exitCode).toBe(0);
  });

  it("is the one that --config names, before or after the command", async () => {
    const project = createProject("export default {};");
    project.write("other.ts", exampleConfig());
    expect((await project.json("--config other.ts list plugins")).document).toMatchObject({
      plugins: [{ name: "prices" }],
    });
    expect((await project.json("list plugins -c other.ts")).document).toMatchObject({ plugins: [{ name: "prices" }] });
  });

  it.each(["other.db", "sqlite:other.db", "sqlite://other.db", "file:other.db"])(
    "gives way to --store %s",
    async (url) => {
      const project = createProject(sqliteConfig);
      await project.spine(`run prices.daily symbol=ACME --store ${url}`);
      expect((await project.json("runs")).document).toEqual({ runs: [] });
      expect((await project.json("runs --store other.db")).document).toMatchObject({
        runs: [{ name: "prices.daily" }],
      });
    },
  );

  it("is not needed to look at a store", async () => {
    const project = createProject();
    expect((await project.json("migrate --store spine.db")).document).toMatchObject({
      store: { kind: "sqlite", location: join(project.folder, "spine.db") },
    });
    expect((await project.json("runs --store spine.db")).document).toEqual({ runs: [] });
  });
});

describe("help", () => {
  it("is what a bare command gets, and tells exit codes", async () => {
    const { exitCode, stdout } = await createProject().spine("");
    expect(stdout).toMatch(/^Usage: spine /);
    expect(exitCode).toBe(0);
    expect((await createProject().spine("--help")).stdout).toContain("Exit codes: 0 done, 1 failed");
  });

  it("tells a command's options and examples", async () => {
    const { stdout } = await createProject().spine("run --help");
    expect(stdout).toContain("--dry-run");
    expect(stdout).toContain("Examples:");
  });

  it("prints the version", async () => {
    expect((await createProject().spine("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
