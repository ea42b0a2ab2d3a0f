#!/usr/bin/env node
// The door behind `npm run <task>`: installs the workspace when needed, then runs the task on the repository's own Node.
// Plain JavaScript without dependencies, because it is the one file that runs on the machine's Node and before any install.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PNPM = "pnpm@12.21.0";
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, "node_modules", ".bin");
const MARKER = join(ROOT, "node_modules", ".spine-installed");

const source = (file) => ["node", "--conditions=@spine/source", file];
// turbo and `pnpm pack` look for pnpm on PATH. npx finds it in npm's own cache, so this works offline after the first install.
const withPnpm = (command) => ["npx", "--yes", "--prefer-offline", "-p", PNPM, "--", ...command];

/** Task → commands, run in turn; arguments of the caller go to the last one. */
const TASKS = {
  test: [["vitest", "run"]],
  demo: [source("scripts/demo.ts")],
  check: [withPnpm(source("scripts/check.ts"))],
  bench: [source("benchmarks/main.ts")],
  drill: [source("scripts/drill.ts")],
  spine: [source(join(ROOT, "packages/cli/src/main.ts"))],
  pg: [source("scripts/pg.ts")],
  lint: [["oxlint"], ["oxfmt", "--check"]],
  fix: [["oxlint", "--fix"], ["oxfmt"]],
  typecheck: [withPnpm(["turbo", "run", "typecheck"])],
  build: [withPnpm(["turbo", "run", "build"])],
  knip: [["knip"]],
  "check:pack": [withPnpm(["turbo", "run", "check:pack"])],
  "docs:errors": [source("scripts/errors-docs.ts")],
  // It formats what it writes by way of pnpm.
  changeset: [withPnpm(["changeset"])],
};

function fail(message) {
  process.stderr.write(`spine: ${message}\n`);
  process.exit(1);
}

/** Changes whenever an install could have something to do. */
function fingerprint() {
  const globs = readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8").matchAll(/^ {2}- (\S+)$/gm);
  const folders = [...globs].flatMap(([, glob]) => {
    if (!glob.endsWith("/*")) return [glob];
    const parent = glob.slice(0, -2);
    return readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`);
  });
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"];
  files.push(...folders.map((folder) => `${folder}/package.json`).toSorted());
  const hash = createHash("sha256");
  for (const file of files.map((name) => join(ROOT, name)).filter((path) => existsSync(path))) {
    hash.update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function installWorkspace() {
  const wanted = fingerprint();
  const present = existsSync(MARKER) && existsSync(join(BIN, "node"));
  if (present && readFileSync(MARKER, "utf8").trim() === wanted) return;
  process.stderr.write("spine: installing the workspace …\n");
  const args = ["--yes", "--prefer-offline", PNPM, "install", "--frozen-lockfile", "--prefer-offline"];
  const install = spawnSync("npx", args, {
    cwd: ROOT,
    // Without a network npm's own pauses between attempts add up to more than a minute.
    env: {
      npm_config_fetch_retry_mintimeout: "1000",
      npm_config_fetch_retry_maxtimeout: "4000",
      ...process.env,
    },
    // On stderr, so that `npm run -s spine -- … --json` prints JSON only.
    stdio: ["ignore", 2, 2],
  });
  if (install.error) fail("npx was not found. Install Node 20 or later together with npm, then run this again.");
  if (install.status !== 0) {
    fail(
      "the install did not finish, see above. Check that the npm registry can be reached and run this again; " +
        `if package.json and pnpm-lock.yaml disagree, run \`npx --yes ${PNPM} install\` once.`,
    );
  }
  writeFileSync(MARKER, `${wanted}\n`);
}

function run([program, ...args], cwd) {
  const env = {
    ...process.env,
    PATH: `${BIN}${delimiter}${process.env.PATH}`,
    TURBO_TELEMETRY_DISABLED: "1",
  };
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: "inherit" });
    // A terminal sends Ctrl-C to the child as well; this process only has to outlive it and report how it ended.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", (error) => fail(`${program} could not be started: ${error.message}.`));
    child.on("exit", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code));
  });
}

const [task, ...rest] = process.argv.slice(2);
const commands = Object.hasOwn(TASKS, task ?? "") ? TASKS[task] : undefined;
if (commands === undefined) fail(`no task "${task ?? ""}". Tasks: ${Object.keys(TASKS).join(", ")}.`);
if (Number(process.versions.node.split(".")[0]) < 20) fail(`Node 20 or later is needed, this is ${process.version}.`);

installWorkspace();
const cwd = task === "spine" ? (process.env.INIT_CWD ?? ROOT) : ROOT;
let exitCode = 0;
for (const [index, command] of commands.entries()) {
  const code = await run(index === commands.length - 1 ? [...command, ...rest] : command, cwd);
  exitCode ||= code;
}
process.exitCode = exitCode;
