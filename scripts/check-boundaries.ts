import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { forbiddenDependencies, forbiddenImports } from "./boundaries.ts";
import { relativeLinks, sourceProblems } from "./source-text.ts";
import { workspacePackages, workspaceRoot } from "./workspace.ts";

const MAX_LINES = 400;
const MAX_ENTRY_LINES = 150;

const problems = [...packageProblems(), ...fileProblems(), ...linkProblems()];
for (const problem of problems) console.log(problem);
console.log(problems.length === 0 ? "Boundaries hold." : `${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;

function packageProblems(): readonly string[] {
  return workspacePackages()
    .filter(({ manifest }) => manifest.private !== true)
    .flatMap(({ folder, manifest }) => {
      const files = filesOf(`${folder}/src/**/*.ts`);
      const imports = files.flatMap((file) => {
        const depth = relative(folder, file).split(sep).length - 2;
        return forbiddenImports({ text: read(file), depth }, manifest).map((problem) => `${file}: ${problem}`);
      });
      const wrong = forbiddenDependencies(manifest).map((problem) => `${folder}/package.json: ${problem}`);
      return [...wrong, ...imports];
    });
}

function fileProblems(): readonly string[] {
  const files = [
    "{packages/*,examples/plugins/*}/{src,test}/**/*.ts",
    "{scripts,examples,benchmarks}/**/*.{ts,mjs}",
  ].flatMap(filesOf);
  return [...new Set(files)].flatMap((file) => {
    const maxLines = /^(?:packages|examples\/plugins)\/[^/]+\/src\/index\.ts$/.test(file) ? MAX_ENTRY_LINES : MAX_LINES;
    return sourceProblems(read(file), { maxLines }).map((problem) => `${file}: ${problem}`);
  });
}

function linkProblems(): readonly string[] {
  return filesOf("**/*.md").flatMap((file) =>
    relativeLinks(read(file))
      .filter((target) => !exists(file, decodeURI(target)))
      .map((target) => `${file}: the link to ${target} leads nowhere.`),
  );
}

function exists(from: string, target: string): boolean {
  const path = target.startsWith("/") ? join(workspaceRoot, target) : resolve(workspaceRoot, dirname(from), target);
  // What lies outside the repository is not there in a clone.
  return path.startsWith(workspaceRoot) && existsSync(path);
}

function filesOf(pattern: string): readonly string[] {
  const skipped = new Set(["node_modules", "dist", "coverage", ".git", ".turbo"]);
  return globSync(pattern, { cwd: workspaceRoot, exclude: (name) => skipped.has(name) }).toSorted();
}

function read(file: string): string {
  return readFileSync(join(workspaceRoot, file), "utf8");
}
