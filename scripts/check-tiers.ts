import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { runCommand } from "./command.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { tallyLine } from "./tally.ts";
import { workspacePackages, workspaceRoot } from "./workspace.ts";

// Does what a stranger does: installs an install list of docs/tiers.md from packed tarballs into an empty folder,
// type-checks a program there (scripts/tiers/<name>.ts) and runs it. `check-tiers.ts basic` does only that one.

interface Tier {
  /** What the user names in `npm install`; the rest has to come along by itself. */
  readonly packages: readonly string[];
  readonly others: readonly string[];
}

const basic = ["@spine/core", "@spine/orchestration", "@spine/sources"];

const tiers: Readonly<Record<string, Tier>> = {
  basic: {
    packages: [...basic, "@spine/adapters-sqlite"],
    others: ["better-sqlite3", "kysely", "zod"],
  },
  postgres: {
    packages: [...basic, "@spine/adapters-postgres"],
    others: ["pg", "kysely", "zod"],
  },
  "finra-plugin": {
    packages: [...basic, "@spine/adapters-sqlite", "@spine/sql", "spine-plugin-finra-otc"],
    others: ["better-sqlite3", "kysely", "zod"],
  },
};

const catalog: Readonly<Record<string, string>> = parse(
  readFileSync(join(workspaceRoot, "pnpm-workspace.yaml"), "utf8"),
).catalog;

const temporary = mkdtempSync(join(tmpdir(), "spine-tiers-"));
let failed = 0;
try {
  await mustSucceed(["turbo", "run", "build", "--output-logs=errors-only"], workspaceRoot);
  const tarballs = await packAll(join(temporary, "tarballs"));
  const storeFolder = (await mustSucceed(["pnpm", "store", "path", "--silent"], workspaceRoot)).trim();
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(tiers);
  const server = await providePostgres();
  for (const name of wanted) {
    const problem = await tryTier(name, tarballs, storeFolder);
    console.log(problem === undefined ? `${name}: installs, type-checks and runs` : `${name}: ${problem}`);
    if (problem !== undefined) failed += 1;
  }
  console.log(tallyLine({ passed: wanted.length - failed, failed }));
  await server?.stop();
} catch (error) {
  failed += 1;
  console.log(error instanceof Error ? error.message : error);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

/** The programs find the server by `SPINE_TEST_PG_URL`; without one, that of the PostgreSQL list only installs and loads. */
async function providePostgres(): Promise<PostgresServer | undefined> {
  try {
    const server = await startPostgres();
    process.env["SPINE_TEST_PG_URL"] = server.url;
    return server;
  } catch (error) {
    console.log(`PostgreSQL: SKIPPED (${error instanceof Error ? error.message : "unknown reason"})`);
    return undefined;
  }
}

/** Packs every publishable package as `pnpm publish` would; package name → tarball. */
async function packAll(folder: string): Promise<ReadonlyMap<string, string>> {
  mkdirSync(folder);
  const tarballs = new Map<string, string>();
  for (const { folder: source, manifest } of workspacePackages()) {
    if (manifest.private === true) continue;
    const command = ["pnpm", "pack", "--json", "--pack-destination", folder];
    const output = await mustSucceed(command, join(workspaceRoot, source));
    const packed: { readonly filename: string } = JSON.parse(output.slice(output.indexOf("{")));
    tarballs.set(manifest.name, packed.filename);
  }
  return tarballs;
}

async function tryTier(
  name: string,
  tarballs: ReadonlyMap<string, string>,
  storeFolder: string,
): Promise<string | undefined> {
  const tier = tiers[name];
  if (tier === undefined) return `there is no such list; there are ${Object.keys(tiers).join(", ")}`;
  const folder = join(temporary, name);
  mkdirSync(folder);
  writeConsumer(folder, tier, tarballs);
  copyFileSync(join(workspaceRoot, "scripts/tiers", `${name}.ts`), join(folder, "main.ts"));
  const install = ["pnpm", "install", "--no-frozen-lockfile", "--prefer-offline", "--store-dir", storeFolder];
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ["does not install", install],
    ["does not type-check", [join(workspaceRoot, "node_modules/.bin/tsc"), "-p", "."]],
    ["does not run", [process.execPath, "main.ts"]],
  ];
  for (const [complaint, command] of steps) {
    const { succeeded, output } = await runCommand(command, { cwd: folder });
    if (!succeeded) return `${complaint}\n${output.trim()}`;
  }
  return undefined;
}

function writeConsumer(folder: string, tier: Tier, tarballs: ReadonlyMap<string, string>): void {
  const local = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  const dependencies = Object.fromEntries([
    ...tier.packages.map((name) => [name, local[name]]),
    ...tier.others.map((name) => [name, catalog[name]]),
  ]);
  const write = (file: string, content: object): void =>
    writeFileSync(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);
  write("package.json", {
    name: "consumer",
    private: true,
    type: "module",
    dependencies,
    devDependencies: { "@types/node": "^24.19.0" },
  });
  // JSON is YAML. Without the overrides, what the tarballs depend on would be sought in the registry.
  write("pnpm-workspace.yaml", { packages: ["."], overrides: local });
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023"],
    types: ["node"],
    module: "nodenext",
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    erasableSyntaxOnly: true,
  };
  write("tsconfig.json", { compilerOptions, include: ["main.ts"] });
}

async function mustSucceed(command: readonly string[], cwd: string): Promise<string> {
  const { succeeded, output } = await runCommand(command, { cwd });
  if (!succeeded) throw new Error(`${command.join(" ")}\n${output}`);
  return output;
}
