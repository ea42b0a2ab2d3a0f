import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig } from "vitest/config";
import { CountReporter } from "./scripts/count-reporter.ts";

if (Number(process.versions.node.split(".")[0]) < 22) {
  throw new Error(
    `Tests need Node 22 or later, this is ${process.version}. Run them as \`npm test\`, not with the machine's own node.`,
  );
}

const source = ["@spine/source"];
const folders = [...packagesIn("packages"), ...packagesIn("examples/plugins"), "scripts"];

function packagesIn(parent: string): readonly string[] {
  return readdirSync(parent)
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(`${folder}/package.json`));
}

export default defineConfig({
  resolve: { conditions: source },
  ssr: { resolve: { conditions: source, externalConditions: source } },
  test: {
    globalSetup: "scripts/vitest-postgres.ts",
    reporters: ["default", new CountReporter()],
    coverage: { include: ["packages/*/src/**"], reporter: ["text-summary"] },
    projects: folders.map((folder) => ({
      extends: true as const,
      test: {
        name: basename(folder),
        root: folder,
        include: ["test/**/*.test.ts"],
        // Generous, because they are there for tests that hang, not for a busy machine.
        testTimeout: 30_000,
        hookTimeout: 60_000,
        typecheck: { enabled: true, include: ["test/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
      },
    })),
  },
});
