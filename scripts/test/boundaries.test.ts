import { describe, expect, it } from "vitest";
import { arrows, forbiddenDependencies, forbiddenImports } from "../boundaries.ts";
import { workspacePackages } from "../workspace.ts";

describe("arrows between packages", () => {
  it("an arrow that points up is found", () => {
    const manifest = { name: "@spine/core", dependencies: { "@spine/sql": "workspace:^" } };
    expect(forbiddenDependencies(manifest)).toEqual(["@spine/core may not depend on @spine/sql."]);
  });

  it("a peer counts like a dependency", () => {
    const manifest = {
      name: "@spine/orchestration",
      peerDependencies: { "@spine/sql": "workspace:^" },
    };
    expect(forbiddenDependencies(manifest)).toHaveLength(1);
  });

  it("a development dependency may cross layers, because tests do", () => {
    const manifest = {
      name: "@spine/sql",
      devDependencies: { "@spine/orchestration": "workspace:^" },
    };
    expect(forbiddenDependencies(manifest)).toEqual([]);
  });

  it("a database driver belongs to its adapter", () => {
    const manifest = { name: "@spine/alerts", dependencies: { pg: "^8.0.0" } };
    expect(forbiddenDependencies(manifest)).toEqual(["@spine/alerts may not build on pg."]);
  });

  it("a plugin has first-party packages as peers", () => {
    const peers = { name: "spine-plugin-x", peerDependencies: { "@spine/core": "workspace:^" } };
    const owned = { name: "spine-plugin-x", dependencies: { "@spine/core": "workspace:^" } };
    expect(forbiddenDependencies(peers)).toEqual([]);
    expect(forbiddenDependencies(owned)[0]).toMatch(/as a peer/);
  });

  it("a package nobody entered in the table is refused", () => {
    expect(forbiddenDependencies({ name: "@spine/extras" })[0]).toMatch(/not in the table/);
  });

  it("the table has no cycle", () => {
    const reaches = (from: string, to: string): boolean =>
      (arrows[from] ?? []).some((next) => next === to || reaches(next, to));
    expect(Object.keys(arrows).filter((name) => reaches(name, name))).toEqual([]);
  });

  it("the table names every published package of the workspace", () => {
    const published = workspacePackages().filter(({ manifest }) => manifest.private !== true);
    expect(published.length).toBeGreaterThan(0);
    expect(published.flatMap(({ manifest }) => forbiddenDependencies(manifest))).toEqual([]);
  });
});

describe("imports of a source file", () => {
  const manifest = {
    name: "@spine/sql",
    dependencies: { "@spine/core": "workspace:^" },
    peerDependencies: { kysely: "^0.29.0" },
    devDependencies: { "@spine/testkit": "workspace:^" },
  };
  const problemsOf = (text: string, depth = 0): readonly string[] => forbiddenImports({ text, depth }, manifest);

  it("dependencies, peers, builtins and the package's own files are free", () => {
    const text = [
      'import { ok } from "@spine/core";',
      'import { sql } from "kysely";',
      'import { join } from "node:path";',
      'import { tables } from "./tables.ts";',
    ].join("\n");
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    ['import {\n  fakeClock,\n} from "@spine/testkit";'],
    ['import type { Clock } from "@spine/testkit/clock";'],
    ['export { fakeClock } from "@spine/testkit";'],
    ['import "@spine/testkit";'],
    ['const kit = await import("@spine/testkit");'],
  ])("a development dependency is not for source files: %s", (text) => {
    expect(problemsOf(text)).toHaveLength(1);
  });

  it("an import in a comment is none", () => {
    expect(problemsOf('/**\n * import { x } from "@spine/cli";\n */\n// import "@spine/cli";')).toEqual([]);
  });

  it("a path out of the package is found", () => {
    expect(problemsOf('import { x } from "../../core/src/result.ts";')).toHaveLength(1);
    expect(problemsOf('import { x } from "../tables.ts";', 1)).toEqual([]);
    expect(problemsOf('import { x } from "../tables.ts";', 0)).toHaveLength(1);
  });
});
