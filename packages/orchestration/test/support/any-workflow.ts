import fc from "fast-check";
import { defineWorkflow, Step, type Workflow, workflowFromJson } from "../../src/index.ts";

/** Functions as a host would register them. */
export const functions = {
  "prices.check": () => true,
  "prices.items": () => [1, 2, 3],
  "prices.each": (item: unknown) => ({ item }),
  "prices.route": () => false,
} as const;

const json = fc
  .jsonValue({ maxDepth: 2, stringUnit: "binary" })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const fields = fc.dictionary(fc.oneof(word, fc.constantFrom("on", "no", "1", "~", "a b", "null")), json, {
  maxKeys: 3,
});
const positive = fc.integer({ min: 1, max: 100_000 });
const retry = fc.record(
  {
    maxAttempts: fc.integer({ min: 1, max: 9 }),
    delayMs: fc.nat(5000),
    backoff: fc.constantFrom("exponential" as const, "linear" as const, "constant" as const),
    factor: fc.constantFrom(1.5, 2, 3),
    maxDelayMs: positive,
    jitter: fc.constantFrom(0, 0.25, 1),
    categories: fc.constant(["NETWORK", "SOURCE"] as const),
  },
  { requiredKeys: [] },
);
const policy = fc.record(
  {
    retry,
    onError: fc.constantFrom("stop" as const, "continue" as const, "retry" as const),
    timeoutMs: positive,
    totalTimeoutMs: positive,
    compensate: fc.record({ pipeline: fc.constant("prices.undo"), params: fields }, { requiredKeys: ["pipeline"] }),
  },
  { requiredKeys: [] },
);
const text = fc.string({ unit: "binary", maxLength: 12 });
const version = fc.constantFrom("1", "2", "2025-06-06");

type Make = (name: string) => Step_;
type Step_ = ReturnType<typeof Step.pipeline>;

/** A step of each kind; it gets its name later. */
const makers: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(fields, policy).map(
    ([params, rest]): Make =>
      (name) =>
        Step.pipeline(name, Step.dynamic("prices.ingest"), { params, ...rest }),
  ),
  fc.tuple(fc.option(fields, { nil: undefined }), policy, version).map(
    ([config, rest, own]): Make =>
      (name) =>
        Step.lambda(name, functions["prices.check"], {
          version: own,
          ...rest,
          ...(config === undefined ? {} : { config }),
        }),
  ),
  fc.tuple(fields, policy).map(
    ([params, rest]): Make =>
      (name) =>
        Step.group(name, "prices.weekly", { params, ...rest }),
  ),
  fc.tuple(fields, policy, fc.boolean()).map(
    ([params, rest, detached]): Make =>
      (name) =>
        Step.workflow(name, "prices.other", { params, detached, ...rest }),
  ),
  fc
    .oneof(
      fc.nat(10_000).map((forMs) => ({ forMs })),
      fc.constantFrom({ until: "2025-12-20T00:00:00.000Z" }, { until: { path: "params.opensAt" } }),
      fc.record({ signal: fc.constant("go"), timeoutMs: positive }, { requiredKeys: ["signal"] }),
      fc.constant({ partition: { domain: "prices", stage: "INGEST" }, lookMs: 500 }),
    )
    .map(
      (options): Make =>
        (name) =>
          Step.wait(name, options),
    ),
  fc.record({ message: text, timeoutMs: positive, rejectionGoesOn: fc.boolean() }, { requiredKeys: [] }).map(
    (options): Make =>
      (name) =>
        Step.approval(name, options),
  ),
  fc
    .tuple(
      fc.constantFrom("params.symbols", functions["prices.items"]),
      fc.constantFrom({ pipeline: "prices.ingest" }, { workflow: "prices.other" }, { run: functions["prices.each"] }),
      fc.record(
        {
          params: fields,
          concurrency: fc.integer({ min: 1, max: 9 }),
          itemParam: word,
          itemRetry: retry,
          onItemError: fc.constantFrom(
            "stop" as const,
            "continue" as const,
            { maxFailed: 3 },
            { maxFailedFraction: 0.5 },
          ),
          version,
        },
        { requiredKeys: [] },
      ),
      policy,
    )
    .map(
      ([items, work, options, rest]): Make =>
        (name) =>
          Step.map(name, { items, ...work, ...options, ...rest }),
    ),
  fc.record({ colour: json, policy: fields }).map(
    (own): Make =>
      (name) =>
        unknownStep({ name, type: "acme.special", ...own, retry: { maxAttempts: 2 } }),
  ),
);

function unknownStep(step: object): Step_ {
  const read = workflowFromJson({ name: "prices.unknown", steps: [step] });
  const [only] = read._unsafeUnwrap().steps;
  if (only === undefined) throw new Error("the step is gone");
  return only;
}

const jsonSchema = {
  type: "object",
  properties: { week: { type: "string", format: "date" }, limit: { type: "integer", minimum: 1 } },
  required: ["week"],
};

/** Workflows with steps of every kind, choices, dependencies and settings. */
export const anyWorkflow: fc.Arbitrary<Workflow> = fc
  .record({
    makers: fc.array(makers, { minLength: 1, maxLength: 6 }),
    choices: fc.array(fc.tuple(fc.nat(5), fc.constantFrom("params.a > 1", functions["prices.route"]), version), {
      maxLength: 2,
    }),
    edges: fc.option(fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { minLength: 1, maxLength: 5 }), { nil: undefined }),
    settings: fc.record(
      {
        domain: word,
        description: text,
        version: text,
        tags: fc.array(text, { maxLength: 3 }),
        defaults: fields,
        timeoutMs: positive,
        maxConcurrency: fc.integer({ min: 1, max: 9 }),
        concurrency: fc.record({ limit: positive, key: fc.constant("{{ params.tier }}") }, { requiredKeys: ["limit"] }),
      },
      { requiredKeys: [] },
    ),
    withParams: fc.boolean(),
  })
  .map(({ makers: made, choices, edges, settings, withParams }) => {
    const plain = made.map((make, index) => make(`s${index}`));
    const routed = choices.map(([to, when, own], index) =>
      Step.choice(`c${index}`, { when, then: `s${to % plain.length}`, version: typeof when === "string" ? "1" : own }),
    );
    const steps = [...routed, ...plain].map((step, position, all) => {
      const before = (edges ?? []).filter(([to]) => to % all.length === position).map(([, from]) => from % all.length);
      const names = [...new Set(before)].filter((from) => from < position).flatMap((from) => all[from]?.name ?? []);
      return names.length === 0 ? step : Object.freeze({ ...step, dependsOn: Object.freeze(names) });
    });
    const params = withParams
      ? workflowFromJson({ name: "prices.params", params: jsonSchema, steps: [] })._unsafeUnwrap().params
      : undefined;
    return defineWorkflow({ name: "prices.daily", ...settings, steps, ...(params === undefined ? {} : { params }) });
  });
