import { describe, expect, it } from "vitest";
import { defineGroup, type GroupDefinition, groupDocument, Step } from "../src/index.ts";

const pipeline = Step.dynamic("prices.ingest");
const define =
  (given: Partial<GroupDefinition>): (() => unknown) =>
  () =>
    defineGroup({ name: "weekly", steps: [{ name: "a", pipeline }], ...given });

describe("a mistake in a group's text throws where it is defined", () => {
  it.each<[string, Partial<GroupDefinition>, string, string]>([
    ["a name that is no key", { name: "our weekly" }, "KEY_INVALID", 'Group "our weekly" is not a valid key.'],
    [
      "two steps of one name",
      {
        steps: [
          { name: "a", pipeline },
          { name: "a", pipeline },
        ],
      },
      "GROUP_INVALID",
      'Group "weekly" has two steps named "a". Rename one of them.',
    ],
    [
      "no step at once",
      { policy: { maxConcurrency: 0 } },
      "GROUP_INVALID",
      "has maxConcurrency 0. It must be a whole number of at least 1.",
    ],
    ["less than none", { policy: { maxConcurrency: -1 } }, "GROUP_INVALID", "has maxConcurrency -1."],
    ["no time at all", { policy: { timeoutMinutes: 0 } }, "GROUP_INVALID", "has timeoutMinutes 0. It must be above 0."],
    ["half a step at once", { policy: { maxConcurrency: 1.5 } }, "GROUP_INVALID", "has maxConcurrency 1.5."],
    [
      "defaults that are not JSON",
      { defaults: { since: new Date(0) } },
      "GROUP_INVALID",
      'Group "weekly", defaults: The value at since is a Date',
    ],
    [
      "parameters that are not JSON",
      { steps: [{ name: "a", pipeline, params: { all: new Set() } }] },
      "GROUP_INVALID",
      'Group "weekly", step "a": The value at all is an instance of Set',
    ],
    [
      "a dependency that is not there",
      { steps: [{ name: "a", pipeline, dependsOn: ["b"] }] },
      "GROUP_DEPENDENCY_UNKNOWN",
      'step "a" depends on "b", which is not a step of it.',
    ],
  ])("%s", (_, given, code, message) => {
    expect(define(given)).toThrow(expect.objectContaining({ code }));
    expect(define(given)).toThrow(message);
  });

  it("a circle is no mistake of the text: it is found when the group is planned", () => {
    expect(define({ steps: [{ name: "a", pipeline, dependsOn: ["a"] }] })).not.toThrow();
  });
});

describe("a group", () => {
  it("has defaults: sequential, at most four at once, stop, no time limit", () => {
    const group = defineGroup({ name: "weekly", steps: [{ name: "a", pipeline }] });
    expect(group).toEqual({
      name: "weekly",
      domain: undefined,
      description: undefined,
      version: "1",
      tags: [],
      defaults: {},
      dependsOn: [],
      steps: [{ name: "a", pipeline: "prices.ingest", dependsOn: [], params: {} }],
      policy: { execution: "sequential", maxConcurrency: 4, onFailure: "stop", timeoutMinutes: undefined },
      concurrency: undefined,
    });
  });

  it("is frozen all through, and its caller's objects are not", () => {
    const dependsOn: string[] = [];
    const params = { tier: "OTC" };
    const group = defineGroup({ name: "weekly", steps: [{ name: "a", pipeline, dependsOn, params }], tags: ["x"] });
    for (const part of [
      group,
      group.steps,
      group.steps[0],
      group.steps[0]?.dependsOn,
      group.steps[0]?.params,
      group.policy,
      group.tags,
      group.defaults,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    dependsOn.push("b");
    params.tier = "T1";
    expect(group.steps[0]).toMatchObject({ dependsOn: [], params: { tier: "OTC" } });
  });

  it("is a document in the nested form", () => {
    const group = defineGroup({
      name: "weekly",
      domain: "prices",
      description: "All of a week",
      version: "2",
      tags: ["weekly"],
      defaults: { tier: "OTC" },
      steps: [
        { name: "a", pipeline },
        { name: "b", pipeline, dependsOn: ["a"], params: { force: true } },
      ],
      policy: { execution: "parallel", maxConcurrency: 2, onFailure: "continue", timeoutMinutes: 5 },
    });
    expect(groupDocument(group)).toEqual({
      apiVersion: "spine.io/v1",
      kind: "PipelineGroup",
      metadata: { name: "weekly", domain: "prices", description: "All of a week", version: "2", tags: ["weekly"] },
      spec: {
        defaults: { tier: "OTC" },
        pipelines: [
          { name: "a", pipeline: "prices.ingest", depends_on: [], params: {} },
          { name: "b", pipeline: "prices.ingest", depends_on: ["a"], params: { force: true } },
        ],
        policy: { execution: "parallel", max_concurrency: 2, on_failure: "continue", timeout_minutes: 5 },
      },
    });
  });
});
