import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  applyEdit,
  defineWorkflow,
  Step,
  stepForm,
  workflowFromJson,
  workflowJsonSchema,
  workflowToJson,
} from "../src/index.ts";
import { workflowFromYaml } from "../src/yaml.ts";
import { runFlow } from "./support/run-steps.ts";

const document = (steps: readonly object[]): object => ({
  apiVersion: "spine.io/v1",
  kind: "Workflow",
  name: "prices.daily",
  steps,
});

describe("a workflow that is read", () => {
  it("names each function that has no key, instead of dropping it", () => {
    const workflow = defineWorkflow({
      name: "prices.daily",
      params: z.object({ week: z.string() }),
      steps: [
        Step.lambda("check", () => true),
        Step.choice("route", { when: () => true, then: "end" }),
        Step.lambda("end", () => ({})),
      ],
    });
    const error = workflowToJson(workflow)._unsafeUnwrapErr();
    expect(error).toMatchObject({
      code: "WORKFLOW_NOT_DATA",
      context: { fields: ["params", 'handler of step "check"', 'when of step "route"', 'handler of step "end"'] },
    });
  });

  it("finds functions and schemas by key, and says the near one", () => {
    const check = (): boolean => true;
    const week = z.object({ week: z.string() });
    const functions = { "prices.check": check, "prices.week": week };
    const given = {
      ...document([{ name: "check", type: "lambda", handler: { function: "prices.check" } }]),
      params: { schema: "prices.week" },
    };
    const read = workflowFromJson(given, { functions })._unsafeUnwrap();
    expect(read.params).toBe(week);
    expect(read.steps[0]).toMatchObject({ handler: check });
    const wrong = document([{ name: "check", type: "lambda", handler: { function: "prices.chek" } }]);
    const error = workflowFromJson(wrong, { functions })._unsafeUnwrapErr();
    expect(error.code).toBe("FUNCTION_NOT_FOUND");
    expect(error.message).toContain('Did you mean "prices.check"?');
  });

  it.each([
    [
      { name: "a", type: "pipeline", pipline: "prices.x" },
      'steps[0].pipline: "pipline" is no key here. Did you mean "pipeline"?',
    ],
    [{ name: "a", type: "choice", when: "params.a >", then: "b" }, "steps[0]: Condition"],
    [{ name: "a", type: "choice", when: "params.a > 1", then: "b" }, '"b", which is not a step'],
    [{ name: "a b", type: "pipeline", pipeline: "prices.x" }, "steps[0].name: a name is a word"],
    [{ name: "a", type: "lambda", handler: { inline: "1" } }, "steps[0].handler"],
    [{ name: "a", type: "wait" }, "waits for nothing"],
    [{ name: "a" }, "steps[0].type: a step needs a type"],
    [{ name: "a", type: "approval", retry: {} }, '"retry" is no key here'],
  ])("says where a mistake is: %j", (step, text) => {
    expect(workflowFromJson(document([step]))._unsafeUnwrapErr().message).toContain(text);
  });

  it("says line and column in YAML, and the near key", () => {
    const text = "name: prices.daily\nsteps:\n  - name: fetch\n    type: pipeline\n    pipelin: prices.fetch\n";
    const error = workflowFromYaml(text, { file: "daily.yaml" })._unsafeUnwrapErr();
    expect(error).toMatchObject({ code: "WORKFLOW_INVALID", context: { file: "daily.yaml", line: 5, column: 5 } });
    expect(error.message).toBe('daily.yaml:5:5: "pipelin" is no key here. Did you mean "pipeline"?');
    expect(workflowFromYaml("name: [", { file: "x" })._unsafeUnwrapErr().message).toMatch(/^x:1:/);
  });

  it("keeps a step of a type it does not know, and fails when that step is run", async () => {
    const given = document([{ name: "paint", type: "acme.paint", colour: "red", retry: { maxAttempts: 1 } }]);
    const read = workflowFromJson(given)._unsafeUnwrap();
    expect(workflowToJson(read)._unsafeUnwrap()).toMatchObject(given);
    const { run } = await runFlow(read.steps);
    expect(run).toMatchObject({ status: "FAILED", error: { code: "STEP_TYPE_UNKNOWN" } });
  });

  it("reads a kind of the user's own by its form", () => {
    const kind = {
      kind: "acme.paint",
      form: stepForm({
        fields: { colour: z.string() },
        read: (name) => Step.pipeline(name, Step.dynamic("acme.paint")),
      }),
    };
    const given = document([{ name: "paint", type: "acme.paint", color: "red" }]);
    expect(workflowFromJson(given, { kinds: [kind] })._unsafeUnwrapErr().message).toContain('Did you mean "colour"?');
  });

  it("checks parameters by the JSON Schema in the document", async () => {
    const params = { type: "object", properties: { week: { type: "string" } }, required: ["week"] };
    const read = workflowFromJson({ ...document([]), params })._unsafeUnwrap();
    expect(await read.params?.["~standard"].validate({ week: 3 })).toHaveProperty("issues");
    expect(workflowToJson(read)._unsafeUnwrap()["params"]).toEqual(params);
  });

  it("is brought up from an older version by migrations, and refuses one from which none leads here", () => {
    const old = { apiVersion: "acme/v0", name: "prices.daily", tasks: [] };
    const migration = {
      from: "acme/v0",
      to: "spine.io/v1",
      migrate: ({ tasks = [], ...rest }) => ({ ...rest, steps: tasks }),
    };
    expect(workflowFromJson(old, { migrations: [migration] })._unsafeUnwrap().steps).toEqual([]);
    expect(workflowFromJson(old)._unsafeUnwrapErr().code).toBe("DOCUMENT_VERSION_UNKNOWN");
    expect(workflowFromJson(old, { migrations: [{ ...migration, to: "acme/v0" }] })._unsafeUnwrapErr().code).toBe(
      "DOCUMENT_VERSION_UNKNOWN",
    );
  });
});

describe("the JSON Schema", () => {
  it("is published as it is generated", () => {
    const published = readFileSync(new URL("../schema/workflow-v1.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(workflowJsonSchema())));
  });
});

describe("an edit", () => {
  const start = {
    name: "d",
    steps: [
      { name: "a", type: "pipeline", pipeline: "p.a" },
      { name: "c", type: "choice", when: "outputs.a.x > 1 && 'outputs.a' != ''", then: "b" },
      { name: "b", type: "pipeline", pipeline: "p.b", dependsOn: ["a"] },
    ],
  };

  it("renames a step wherever it is spoken of, but not in strings", () => {
    const { document: renamed } = applyEdit(start, { op: "renameStep", name: "a", to: "first" })._unsafeUnwrap();
    expect(renamed).toMatchObject({
      steps: [{ name: "first" }, { when: "outputs.first.x > 1 && 'outputs.a' != ''" }, { dependsOn: ["first"] }],
    });
  });

  it.each([
    [{ op: "removeStep", name: "a" }, "EDIT_INVALID", "named by c, b"],
    [{ op: "removeStep", name: "bb" }, "STEP_NOT_FOUND", 'no step "bb"'],
    [{ op: "renameStep", name: "a", to: "b" }, "EDIT_INVALID", "already"],
    [{ op: "setCondition", step: "c", when: "outputs." }, "WORKFLOW_INVALID", "cannot be read"],
    [{ op: "connect", from: "a", to: "b", by: "dependsOn" }, "EDIT_INVALID", "connected so already"],
  ] as const)("is refused where it cannot be made: %j", (edit, code, text) => {
    const error = applyEdit(start, edit)._unsafeUnwrapErr();
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });
});
