import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { workspaceRoot } from "../workspace.ts";

/** The demo's own folder: a project as a user would have it, not under version control. */
const demoFolder = join(workspaceRoot, ".demo");
export const databasePath = join(demoFolder, "spine.db");
export const dataFolder = join(demoFolder, "data");
export const configPath = join(demoFolder, "spine.config.ts");

const config = `import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { defineConfig } from "@spine/cli";
import { finraOtc } from "spine-plugin-finra-otc";

export default defineConfig({
  store: sqlite(join(import.meta.dirname, "spine.db")),
  plugins: [finraOtc],
});
`;

/** Makes the folder; what an earlier demo left stays unless `fresh`. */
export function prepareProject(options: { readonly fresh: boolean }): void {
  if (options.fresh) rmSync(demoFolder, { recursive: true, force: true });
  mkdirSync(dataFolder, { recursive: true });
  // The workspace's packages, as an install would put them there.
  const modules = join(demoFolder, "node_modules");
  if (!existsSync(modules)) symlinkSync(join(workspaceRoot, "scripts/node_modules"), modules, "junction");
  writeFileSync(configPath, config);
}

/** A path as a person in the repository's folder would type it. */
export function shortPath(path: string): string {
  return relative(workspaceRoot, path);
}

/** The command line a person types to look at the demo's project. */
export function commandText(args: string): string {
  return `npm run spine -- --config ${shortPath(configPath)} ${args}`;
}
