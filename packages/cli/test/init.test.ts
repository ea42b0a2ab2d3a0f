import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createProject } from "./project.ts";

const root = join(import.meta.dirname, "../../..");

const strict = {
  strict: true,
  target: "es2023",
  lib: ["es2023"],
  module: "nodenext",
  types: ["node"],
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
};

describe("spine init", () => {
  it("makes a project whose example runs", async () => {
    const { spine } = createProject();
    const { exitCode, stdout } = await spine("init");
    expect(stdout).toMatch(
      /^wrote spine\.config\.ts\nwrote spine\/prices\.ts\nwrote package\.json\nwrote README\.md\n\nNext:\n {2}npm install\n/,
    );
    expect(exitCode).toBe(0);
    const ran = await spine("run prices.daily --param symbol=ACME");
    expect(ran.stdout).toMatch(/^prices\.daily {2}COMPLETED /);
    expect((await spine("doctor")).exitCode).toBe(0);
  });

  it("makes a project that type-checks", async () => {
    const project = createProject();
    await project.spine("init");
    const compilerOptions = {
      ...strict,
      customConditions: ["@spine/source"],
      typeRoots: [join(root, "node_modules/@types")],
    };
    project.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts", "spine"] }));
    const { status, stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", project.folder], {
      encoding: "utf8",
    });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  it("leaves a README and a manifest alone and says what they lack", async () => {
    const project = createProject();
    project.write("README.md", "# Mine\n");
    project.write("package.json", '{ "dependencies": { "@spine/core": "1", "zod": "4" } }');
    const { stdout } = await project.spine("init");
    expect(stdout).toContain("README.md is there already; these lines may go into it:");
    expect(stdout).toMatch(
      /\n {2}npm install @spine\/cli @spine\/orchestration @spine\/adapters-sqlite better-sqlite3 kysely\n/,
    );
    expect(readFileSync(join(project.folder, "README.md"), "utf8")).toBe("# Mine\n");
  });

  it("never writes over anything", async () => {
    const project = createProject();
    project.write("spine.config.mjs", "export default {};");
    const { exitCode, stderr } = await project.spine("init");
    expect(stderr).toMatch(
      /^error CONFIG_INVALID: .*spine\.config\.mjs is there already, so nothing was written\.\n→ /,
    );
    expect(exitCode).toBe(2);
    expect(existsSync(join(project.folder, "spine"))).toBe(false);
  });

  it("makes the folder it is given, as a document too", async () => {
    const { json } = createProject();
    const { document } = await json("init sub/project");
    expect(document).toMatchObject({
      written: ["spine.config.ts", "spine/prices.ts", "package.json", "README.md"],
      next: ["cd sub/project", "npm install", expect.anything(), expect.anything()],
    });
  });
});
