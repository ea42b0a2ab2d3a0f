import { describe, expect, it } from "vitest";
import {
  defineGroup,
  defineWorkflow,
  lintWorkflow,
  resolvePlan,
  Step,
  toMermaid,
  toText,
  workflowFromJson,
} from "../src/index.ts";

const routed = defineWorkflow({
  name: "prices.daily",
  steps: [
    Step.pipeline("ingest", Step.dynamic("prices.ingest")),
    Step.choice("route", { when: 'outputs.ingest.tier == "A"', then: "fast", otherwise: "slow", join: "end" }),
    Step.pipeline("fast", Step.dynamic("prices.fast")),
    Step.pipeline("slow", Step.dynamic("prices.slow")),
    Step.pipeline("end", Step.dynamic("prices.end")),
  ],
});

describe("a drawing", () => {
  it("in Mermaid shows branches, and where they meet", () => {
    expect(toMermaid(routed)).toBe(`flowchart TD
  s0["ingest<br/>prices.ingest"]
  s1{"route<br/>outputs.ingest.tier #61;#61; #34;A#34;"}
  s2["fast<br/>prices.fast"]
  s3["slow<br/>prices.slow"]
  s4["end<br/>prices.end"]
  s0 --> s1
  s1 -->|yes| s2
  s1 -->|no| s3
  s2 --> s4
  s3 --> s4
`);
  });

  it("in text shows the same", () => {
    expect(toText(routed)).toBe(`prices.daily
● ingest  pipeline  prices.ingest
│
◇ route  choice  outputs.ingest.tier == "A"
├─ yes→ fast
├─ no→ slow
● fast  pipeline  prices.fast
├─→ end
● slow  pipeline  prices.slow
│
● end  pipeline  prices.end
`);
  });

  it("of a group and of its plan shows dependencies", () => {
    const group = defineGroup({
      name: "weekly",
      steps: [
        { name: "b", pipeline: Step.dynamic("p.b"), dependsOn: ["a"] },
        { name: "a", pipeline: Step.dynamic("p.a") },
      ],
    });
    expect(toMermaid(group)).toContain("s1 --> s0");
    expect(toMermaid(resolvePlan(group)._unsafeUnwrap())).toContain("s0 --> s1");
  });
});

describe("lint", () => {
  it("finds nothing in a workflow as it should be", () => {
    expect(lintWorkflow(routed)).toEqual([]);
  });

  it.each([
    [
      "NO_OTHERWISE",
      [Step.choice("route", { when: "params.a > 1", then: "end" }), Step.pipeline("end", Step.dynamic("p.x"))],
      "route",
    ],
    [
      "UNREACHABLE_STEP",
      [
        Step.choice("route", { when: "params.a > 1", then: "far", otherwise: "end" }),
        Step.pipeline("lost", Step.dynamic("p.x")),
        Step.pipeline("far", Step.dynamic("p.x")),
        Step.pipeline("end", Step.dynamic("p.x")),
      ],
      "lost",
    ],
    [
      "SIMILAR_NAMES",
      [Step.pipeline("normalize", Step.dynamic("p.x")), Step.pipeline("normalise", Step.dynamic("p.x"))],
      "normalise",
    ],
    ["WORK_IN_LAMBDA", [Step.lambda("fetch", () => ({}), { retry: { maxAttempts: 3 } })], "fetch"],
    ["INLINE_FUNCTION", [Step.lambda("check", () => true)], "check"],
    [
      "UNKNOWN_OUTPUT",
      [
        Step.choice("route", { when: "outputs.ingst.rows > 1", then: "ingest" }),
        Step.pipeline("ingest", Step.dynamic("p.x")),
      ],
      "route",
    ],
    [
      "UNKNOWN_STEP_TYPE",
      workflowFromJson({ name: "w", steps: [{ name: "paint", type: "acme.paint" }] })._unsafeUnwrap().steps,
      "paint",
    ],
  ] as const)("finds %s", (code, steps, step) => {
    const findings = lintWorkflow(defineWorkflow({ name: "prices.daily", steps }));
    expect(findings).toContainEqual(expect.objectContaining({ code, step }));
  });
});
