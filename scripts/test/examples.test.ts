import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { workspaceRoot } from "../workspace.ts";

const examples = globSync("{patterns,tiers}/**/*.ts", {
  cwd: join(workspaceRoot, "examples"),
}).toSorted();

describe.runIf(examples.length > 0)("examples", () => {
  it.each(examples)("%s runs as it is", async (file) => {
    const args = ["--conditions=@spine/source", file];
    const run = promisify(execFile)(process.execPath, args, {
      cwd: join(workspaceRoot, "examples"),
    });
    await expect(run).resolves.toBeDefined();
  });
});
