import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const scripts = dirname(dirname(fileURLToPath(import.meta.url)));
// Below the workspace, so that the tests in it find vitest.
const folder = mkdtempSync(join(scripts, "node_modules", ".count-"));

beforeAll(() => {
  writeFileSync(
    join(folder, "vitest.config.ts"),
    `import { CountReporter } from ${JSON.stringify(join(scripts, "count-reporter.ts"))};
     export default { test: { root: ${JSON.stringify(folder)}, include: ["*.test.ts"], exclude: [], reporters: ["default", new CountReporter()] } };`,
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

function closingLines(files: Readonly<Record<string, string>>, env = {}): Promise<readonly string[]> {
  for (const [name, body] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { it } from "vitest";\n${body}`);
  }
  const vitest = join(scripts, "node_modules", "vitest", "vitest.mjs");
  const args = [vitest, "run", "--config", join(folder, "vitest.config.ts"), ...Object.keys(files)];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } }, (_, stdout) =>
      resolve(stdout.trimEnd().split("\n").slice(-2)),
    );
  });
}

it("the last line counts what passed, failed and was skipped", async () => {
  const body = 'it("a", () => {}); it.skip("b", () => {}); it("c", () => { throw new Error("no"); });';
  expect((await closingLines({ "counts.test.ts": body })).at(-1)).toBe("1 passed, 1 failed, 1 skipped");
});

it("a file that cannot be loaded and an error outside tests count as failed", async () => {
  const files = {
    "broken.test.ts": 'throw new Error("cannot load");',
    "stray.test.ts":
      'it("a", () => { setTimeout(() => { throw new Error("stray"); }, 0); return new Promise((done) => setTimeout(done, 20)); });',
  };
  expect((await closingLines(files)).at(-1)).toBe("1 passed, 2 failed");
});

it("a skipped PostgreSQL is said right before the count", async () => {
  const lines = await closingLines({ "fine.test.ts": 'it("a", () => {});' }, { SPINE_TEST_PG_SKIPPED: "none here" });
  expect(lines).toEqual(["PostgreSQL: SKIPPED (none here)", "1 passed, 0 failed"]);
});
