import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyEdit,
  type Connection,
  type Edit,
  workflowDocument,
  workflowFromJson,
  workflowToJson,
} from "../src/index.ts";
import { workflowFromYaml, workflowToYaml } from "../src/yaml.ts";
import { anyWorkflow, functions } from "./support/any-workflow.ts";

const cases = Number(process.env["SPINE_DOCUMENT_CASES"] ?? 300);

describe("a workflow's document", () => {
  it(`is the same after JSON, a workflow, YAML and a workflow again (${cases} workflows)`, () => {
    fc.assert(
      fc.property(anyWorkflow, (workflow) => {
        const json = workflowToJson(workflow, { functions })._unsafeUnwrap();
        const again = workflowFromJson(JSON.parse(JSON.stringify(json)), { functions })._unsafeUnwrap();
        const yaml = workflowToYaml(again, { functions })._unsafeUnwrap();
        const last = workflowFromYaml(yaml, { functions })._unsafeUnwrap();
        expect(JSON.stringify(workflowToJson(last, { functions })._unsafeUnwrap())).toBe(JSON.stringify(json));
        expect(workflowDocument(last)).toEqual(workflowDocument(workflow));
        for (const [index, step] of workflow.steps.entries()) {
          const { kind, ...fields } = step;
          const { kind: readKind, ...read } = last.steps[index] ?? step;
          expect(readKind.kind).toBe(kind.kind);
          // What an expression was compiled to is another function each time.
          expect(plain(read)).toEqual(plain(fields));
        }
      }),
      { numRuns: cases },
    );
  }, 300_000);

  it(`is byte for byte what it was after edits and their inverses (${cases} documents)`, () => {
    let made = 0;
    fc.assert(
      fc.property(anyWorkflow, fc.array(anyEdit, { minLength: 1, maxLength: 6 }), (workflow, edits) => {
        const start = workflowToJson(workflow, { functions })._unsafeUnwrap();
        const text = JSON.stringify(start);
        let current = start;
        const inverses: Edit[] = [];
        for (const edit of edits) {
          const before = JSON.stringify(current);
          const edited = applyEdit(current, edit);
          expect(JSON.stringify(current)).toBe(before);
          if (edited.isErr()) continue;
          made += 1;
          inverses.unshift(edited.value.inverse);
          current = edited.value.document;
        }
        const back = applyEdit(current, { op: "all", edits: inverses })._unsafeUnwrap();
        expect(JSON.stringify(back.document)).toBe(text);
        expect(JSON.stringify(applyEdit(start, back.inverse)._unsafeUnwrap().document)).toBe(JSON.stringify(current));
      }),
      { numRuns: cases },
    );
    expect(made).toBeGreaterThan(cases);
  }, 300_000);
});

const name = fc.constantFrom("s0", "s1", "s2", "s3", "c0", "c1", "fresh", "s-9");
const at = fc.nat(6);
const value = fc
  .option(fc.oneof(fc.string(), fc.nat(9)), { nil: undefined })
  .map((given) => (given === undefined ? {} : { value: given }));
const by = fc.constantFrom<Connection>("then", "otherwise", "join", "dependsOn");
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    op: fc.constant("addStep" as const),
    at,
    step: name.map((own) => ({ name: own, type: "pipeline", pipeline: "prices.x" })),
  }),
  fc.record({ op: fc.constant("removeStep" as const), name }),
  fc.record({ op: fc.constant("renameStep" as const), name, to: name }),
  fc.record({ op: fc.constant("moveStep" as const), name, to: at }),
  fc
    .record({ step: name, field: fc.constantFrom("onError", "params", "when", "dependsOn", "fresh") })
    .chain((own) => value.map((given) => ({ op: "setField" as const, ...own, ...given }))),
  fc
    .record({ step: name, name: fc.constantFrom("a", "tier", "1") })
    .chain((own) => value.map((given) => ({ op: "setParameter" as const, ...own, ...given }))),
  fc.record({
    op: fc.constant("setCondition" as const),
    step: name,
    when: fc.constantFrom("outputs.s0.rows > 1", "outputs['s1'] == outputs.s2 && 'outputs.s1' != ''"),
  }),
  fc.record({ op: fc.constantFrom("connect" as const, "disconnect" as const), from: name, to: name, by }),
);

function plain(step: object): object {
  return Object.fromEntries(Object.entries(step).filter(([key]) => key !== "predicate" && key !== "source"));
}
