import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ConfigError, orThrow, toSpineError, tryResult } from "@spine/core";
import type { Command } from "../command.ts";
import { fileNames } from "../config/load-config.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { manifestText, projectTemplates, readmeText, requiredPackages, type Template } from "../templates.ts";

/** `spine init [folder]`: makes a project with an example that runs. Never writes over anything. */
export const init: Command = async ({ io, args }) => {
  const folder = resolve(io.cwd, args[0] ?? ".");
  refuseToOverwrite(folder);
  const missing = missingPackages(folder);
  const written = [...projectTemplates(), ...extras(folder)];
  for (const template of written) write(folder, template);

  const readmeKept = !written.some(({ path }) => path === "README.md");
  const next = [
    ...(folder === io.cwd ? [] : [`cd ${args[0] ?? "."}`]),
    ...(missing.length === 0
      ? []
      : [missing === requiredPackages ? "npm install" : `npm install ${missing.join(" ")}`]),
    "npx spine run prices.daily --param symbol=ACME",
    "npx spine runs",
  ];
  return {
    exitCode: EXIT_CODES.DONE,
    document: { folder, written: written.map(({ path }) => path), install: missing, next },
    lines: [
      ...written.map(({ path }) => `wrote ${path}`),
      ...(readmeKept
        ? ["", "README.md is there already; these lines may go into it:", "", ...readmeText().trimEnd().split("\n")]
        : []),
      "",
      "Next:",
      ...next.map((command) => `  ${command}`),
    ],
  };
};

function refuseToOverwrite(folder: string): void {
  const present = [...fileNames, ...projectTemplates().map(({ path }) => path)].find((path) =>
    existsSync(join(folder, path)),
  );
  if (present === undefined) return;
  throw new ConfigError(`${join(folder, present)} is there already, so nothing was written.`, {
    context: {
      path: join(folder, present),
      remedy: "Give another folder: spine init <folder>; or remove the file first.",
    },
  });
}

/** A README and a manifest, where there is none. */
function extras(folder: string): readonly Template[] {
  const name =
    basename(folder)
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, "-")
      .replace(/^[._-]+/, "") || "pipelines";
  const wanted = [
    { path: "package.json", text: manifestText(name) },
    { path: "README.md", text: `# ${name}\n\n${readmeText()}` },
  ];
  return wanted.filter(({ path }) => !existsSync(join(folder, path)));
}

/** All packages of the example where there is no manifest, else those it does not name. */
function missingPackages(folder: string): readonly string[] {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return requiredPackages;
  const manifest: unknown = orThrow(
    tryResult(
      (): unknown => JSON.parse(readFileSync(path, "utf8")),
      (thrown) =>
        new ConfigError(`${path} cannot be read as JSON.`, {
          cause: thrown,
          context: { path, remedy: "Correct it, then try again." },
        }),
    ),
  );
  const named = new Set(
    ["dependencies", "devDependencies"].flatMap((kind) => Object.keys(membersOf(membersOf(manifest)[kind]))),
  );
  return requiredPackages.filter((name) => !named.has(name));
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function write(folder: string, { path, text }: Template): void {
  const file = join(folder, path);
  orThrow(
    tryResult(
      () => {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text, { flag: "wx" });
      },
      (thrown) => toSpineError(thrown, "STORAGE_ERROR", { path: file }),
    ),
  );
}
