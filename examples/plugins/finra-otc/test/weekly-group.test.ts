import { readFileSync } from "node:fs";
import { orThrow, weekEnding } from "@spine/core";
import { parseGroupYaml } from "@spine/orchestration/yaml";
import { expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { weekly } from "../src/index.ts";
import { generateWeek, writeWeek } from "../src/testing.ts";
import { openSpine } from "./open-spine.ts";

describe("the weekly group", () => {
  it("is the same in YAML and in TypeScript", async () => {
    const text = readFileSync(new URL("../groups/weekly.yaml", import.meta.url), "utf8");
    expect(await expectOk(parseGroupYaml(text))).toEqual(weekly);
  });

  it("runs a week through all stages", async () => {
    const { spine, folder } = await openSpine();
    const generated = generateWeek({ week: weekEnding("2025-11-14"), rows: 200 });
    const file = await writeWeek(folder, generated);
    const run = await orThrow(spine.groups.run("finra.weekly", { params: { file, week: "2025-11-14" } }));
    expect(Object.fromEntries(run.steps.map(({ step, status }) => [step, status]))).toEqual({
      ingest: "COMPLETED",
      normalize: "COMPLETED",
      aggregate: "COMPLETED",
      venue_share: "COMPLETED",
      rolling: "COMPLETED",
    });
    expect(run.outputs["normalize"]).toMatchObject({ recordCount: generated.truth.normalized });
  });
});
