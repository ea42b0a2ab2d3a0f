import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { defineGroup, resolvePlan, Step } from "../src/index.ts";
import { groupToYaml, parseGroupYaml } from "../src/yaml.ts";

const nested = `apiVersion: spine.io/v1
kind: PipelineGroup
metadata:
  name: finra.weekly_refresh
  domain: finra.otc
  description: FINRA weekly
  version: 1
  tags: [finra, weekly]
spec:
  defaults:
    tier: NMS_TIER_1
  pipelines:
    - name: ingest
      pipeline: finra.otc.ingest_week
    - name: normalize
      pipeline: finra.otc.normalize_week
      depends_on: [ingest]
    - name: rolling
      pipeline: finra.otc.rolling
      depends_on: normalize
      params: { weeks: 6 }
  policy:
    execution: parallel
    max_concurrency: 2
    on_failure: continue
    timeout_minutes: 30
`;

const expected = defineGroup({
  name: "finra.weekly_refresh",
  domain: "finra.otc",
  description: "FINRA weekly",
  version: "1",
  tags: ["finra", "weekly"],
  defaults: { tier: "NMS_TIER_1" },
  steps: [
    { name: "ingest", pipeline: Step.dynamic("finra.otc.ingest_week") },
    { name: "normalize", pipeline: Step.dynamic("finra.otc.normalize_week"), dependsOn: ["ingest"] },
    { name: "rolling", pipeline: Step.dynamic("finra.otc.rolling"), dependsOn: ["normalize"], params: { weeks: 6 } },
  ],
  policy: { execution: "parallel", maxConcurrency: 2, onFailure: "continue", timeoutMinutes: 30 },
});

const minimal = "name: weekly\nsteps:\n  - { name: a, pipeline: p.a }\n";

describe("a group in YAML", () => {
  it("in the nested form is the group code would define", async () => {
    expect(await expectOk(parseGroupYaml(nested))).toEqual(expected);
  });

  it.each(["steps", "pipelines"])("in the flat form too, its steps under %s", async (word) => {
    const text = `name: weekly\n${word}:\n  - { name: a, pipeline: p.a }\n`;
    expect(await expectOk(parseGroupYaml(text))).toEqual(
      defineGroup({ name: "weekly", steps: [{ name: "a", pipeline: Step.dynamic("p.a") }] }),
    );
  });

  it("comes back the same from what groupToYaml writes, which is the nested form", async () => {
    const text = groupToYaml(expected);
    expect(text).toMatch(
      /^apiVersion: spine\.io\/v1\nkind: PipelineGroup\nmetadata:\n {2}name: finra\.weekly_refresh\n/,
    );
    expect(await expectOk(parseGroupYaml(text))).toEqual(expected);
    const small = await expectOk(parseGroupYaml(minimal));
    expect(await expectOk(parseGroupYaml(groupToYaml(small)))).toEqual(small);
  });

  it("keeps texts that look like templates as they are: a run's parameter of that name replaces them", async () => {
    const text = `${minimal}defaults:\n  week: "{{ params.week }}"\n`;
    const group = await expectOk(parseGroupYaml(text));
    expect(group.defaults).toEqual({ week: "{{ params.week }}" });
    expect((await expectOk(resolvePlan(group, { params: { week: "2025-11-14" } }))).params).toEqual({
      week: "2025-11-14",
    });
  });

  it("with a circle loads, and planning it says so", async () => {
    const text =
      "name: ring\nsteps:\n  - { name: a, pipeline: p, depends_on: [b] }\n  - { name: b, pipeline: p, depends_on: a }\n";
    const group = await expectOk(parseGroupYaml(text));
    await expectErr(resolvePlan(group), "GROUP_CYCLE");
  });
});

describe("a mistake in YAML has file, line and column", () => {
  // The reference ignored unknown keys; the design wants every misspelling told, with the near name.
  it.each<[string, string, string]>([
    ["broken syntax", "name: [weekly\n", "weekly.yaml:2:1: "],
    ["a list", "- a\n- b\n", "weekly.yaml:1:1: a group is a mapping with name and steps."],
    ["nothing", "", "weekly.yaml:1:1: a group is a mapping with name and steps."],
    ["another version of the format", `apiVersion: spine.io/v99\n${minimal}`, "weekly.yaml:1:13: apiVersion: "],
    ["another kind", `kind: WrongKind\n${minimal}`, "weekly.yaml:1:7: kind: "],
    ["no name", "steps:\n  - { name: a, pipeline: p }\n", "weekly.yaml:1:1: name is required."],
    ["no steps", "name: weekly\n", "weekly.yaml:1:1: steps (or pipelines) is required."],
    [
      "no steps in the nested form",
      "metadata: { name: weekly }\nspec: {}\n",
      "weekly.yaml:2:7: spec.pipelines is required.",
    ],
    [
      "no name in the nested form",
      "metadata: {}\nspec:\n  pipelines: []\n",
      "weekly.yaml:1:11: metadata.name is required.",
    ],
    [
      "a step without a pipeline",
      "name: weekly\nsteps:\n  - name: a\n",
      "weekly.yaml:3:5: steps[0].pipeline is required.",
    ],
    [
      "a misspelt key of a step",
      "name: weekly\nsteps:\n  - name: a\n    pipeline: p\n    depend_on: [b]\n",
      'weekly.yaml:5:5: "depend_on" is not a key of steps[0]. Did you mean "depends_on"?',
    ],
    [
      "a misspelt key of the policy",
      `${minimal}policy:\n  max_concurency: 2\n`,
      'weekly.yaml:5:3: "max_concurency" is not a key of policy. Did you mean "max_concurrency"?',
    ],
    ["a key of nothing", `${minimal}stpes: []\n`, '"stpes" is not a key of a group. Did you mean "steps"?'],
    [
      "another word for parallel",
      `${minimal}policy:\n  execution: concurrent\n`,
      "weekly.yaml:5:14: policy.execution: ",
    ],
    ["no step at once", `${minimal}policy: { max_concurrency: 0 }\n`, "weekly.yaml:4:28: policy.max_concurrency: "],
    [
      "two steps of one name",
      "name: weekly\nsteps:\n  - { name: a, pipeline: p }\n  - { name: a, pipeline: p }\n",
      'Group "weekly" has two steps named "a".',
    ],
    ["a key twice", "name: weekly\nname: other\nsteps: []\n", "weekly.yaml:2:1: "],
    ["a name that is no key", "name: our weekly\nsteps: []\n", 'Group "our weekly" is not a valid key.'],
  ])("%s", async (_, text, message) => {
    const parsed = parseGroupYaml(text, { file: "weekly.yaml" });
    const error = parsed._unsafeUnwrapErr();
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^weekly\.yaml:\d+:\d+: /);
    expect(error.context).toMatchObject({ file: "weekly.yaml", line: expect.any(Number), column: expect.any(Number) });
  });

  it("a dependency that is not there names the place and the near step", async () => {
    const text =
      "name: weekly\nsteps:\n  - { name: ingest, pipeline: p }\n  - name: load\n    pipeline: p\n    depends_on: [ingset]\n";
    const error = await expectErr(parseGroupYaml(text, { file: "weekly.yaml" }), "GROUP_DEPENDENCY_UNKNOWN");
    expect(error.message).toBe(
      'weekly.yaml:6:17: Group "weekly", step "load" depends on "ingset", which is not a step of it. Did you mean "ingest"?',
    );
  });

  it("an alias of nothing is a mistake too", () => {
    expect(parseGroupYaml(`${minimal}defaults: *gone\n`, { file: "weekly.yaml" })._unsafeUnwrapErr().message).toMatch(
      /^weekly\.yaml:\d+:\d+: .*gone/,
    );
  });

  it("a thousand laughs are refused instead of expanded", () => {
    const laughs = Array.from(
      { length: 9 },
      (_, index) => `l${index + 1}: &l${index + 1} [${Array(9).fill(`*l${index}`).join(", ")}]`,
    );
    const text = `l0: &l0 [ha]\n${laughs.join("\n")}\n${minimal}`;
    expect(parseGroupYaml(text)._unsafeUnwrapErr()).toMatchObject({ code: "GROUP_INVALID" });
  });
});
