import { describe, expect, it } from "vitest";
import { defineWorkflow, Step, workflow, workflowDocument } from "../src/index.ts";

const a = Step.lambda("alpha", () => ({}));
const b = Step.lambda("beta", () => ({}));

describe("a workflow", () => {
  it("is frozen data with all its settings", () => {
    const defined = defineWorkflow({
      name: "prices.daily",
      steps: [a],
      domain: "prices",
      tags: ["daily"],
      defaults: { tier: "OTC" },
    });
    expect(defined).toMatchObject({
      name: "prices.daily",
      domain: "prices",
      version: "1",
      tags: ["daily"],
      defaults: { tier: "OTC" },
    });
    for (const part of [defined, defined.steps, defined.steps[0], defined.tags, defined.defaults])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it("is the same whether the builder or a list of steps wrote it", () => {
    const handler = (): object => ({ rows: 3 });
    const built = workflow("prices.daily", { defaults: { tier: "OTC" }, timeoutMs: 1000 })
      .lambda("count", handler, { config: { limit: 3 }, version: "2" })
      .pipeline("ingest", Step.dynamic("prices.ingest"), { params: { force: true }, retry: { maxAttempts: 2 } })
      .choice("route", { when: "outputs.count.rows > 0", then: "all", otherwise: "end", join: "end" })
      .group("all", "prices.weekly", { params: { tier: "T1" }, onError: "continue" })
      .lambda("end", handler)
      .build();
    const listed = defineWorkflow({
      name: "prices.daily",
      defaults: { tier: "OTC" },
      timeoutMs: 1000,
      steps: [
        Step.lambda("count", handler, { config: { limit: 3 }, version: "2" }),
        Step.pipeline("ingest", Step.dynamic("prices.ingest"), { params: { force: true }, retry: { maxAttempts: 2 } }),
        Step.choice("route", { when: "outputs.count.rows > 0", then: "all", otherwise: "end", join: "end" }),
        Step.group("all", "prices.weekly", { params: { tier: "T1" }, onError: "continue" }),
        Step.lambda("end", handler),
      ],
    });
    expect(workflowDocument(built)).toEqual(workflowDocument(listed));
    expect(workflowDocument(built)).toEqual({
      apiVersion: "spine.io/v1",
      kind: "Workflow",
      name: "prices.daily",
      version: "1",
      defaults: { tier: "OTC" },
      timeoutMs: 1000,
      steps: [
        { name: "count", type: "lambda", handler: { inline: "2" }, config: { limit: 3 } },
        {
          name: "ingest",
          type: "pipeline",
          pipeline: "prices.ingest",
          params: { force: true },
          retry: { maxAttempts: 2 },
        },
        { name: "route", type: "choice", when: "outputs.count.rows > 0", then: "all", otherwise: "end", join: "end" },
        { name: "all", type: "group", group: "prices.weekly", params: { tier: "T1" }, onError: "continue" },
        { name: "end", type: "lambda", handler: { inline: "1" } },
      ],
    });
  });

  it("survives JSON as its document", () => {
    const document = workflowDocument(
      defineWorkflow({ name: "prices.daily", steps: [a, Step.choice("route", { when: () => true, then: "beta" }), b] }),
    );
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it("stays as it was when the builder goes on", () => {
    const start = workflow("prices.daily").lambda("alpha", () => ({}));
    const one = start.build();
    start.lambda("beta", () => ({})).build();
    expect(one.steps.map(({ name }) => name)).toEqual(["alpha"]);
    expect(start.build().steps).toHaveLength(1);
  });

  it("keeps the caller's list of steps apart from its own", () => {
    const steps = [a];
    const defined = defineWorkflow({ name: "prices.daily", steps });
    steps.push(b);
    expect(defined.steps).toHaveLength(1);
  });
});
