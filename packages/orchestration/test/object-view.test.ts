import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { runFlow } from "./support/run-steps.ts";

describe("outputs and parameters", () => {
  it("print as what they are", async () => {
    const seen: string[] = [];
    const { run } = await runFlow([
      Step.lambda("count", () => ({ rows: 3 })),
      Step.lambda("look", ({ params, outputs }) => void seen.push(inspect({ params, outputs }))),
    ]);
    expect(inspect(run.outputs)).toBe("{ count: { rows: 3 } }");
    expect(seen).toEqual(["{ params: {}, outputs: { count: { rows: 3 } } }"]);
  });

  it("have no members but their entries", async () => {
    const { run } = await runFlow([Step.lambda("count", () => ({ rows: 3 }))]);
    expect(Reflect.ownKeys(run.outputs)).toEqual(["count"]);
    expect(run.outputs).toEqual({ count: { rows: 3 } });
    expect({ ...run.outputs }).toEqual({ count: { rows: 3 } });
  });
});
