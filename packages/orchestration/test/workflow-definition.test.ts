import { describe, expect, it } from "vitest";
import { defineWorkflow, Step, workflow } from "../src/index.ts";
import type { Steps } from "./support/run-steps.ts";

const a = Step.lambda("alpha", () => ({}));
const b = Step.lambda("beta", () => ({}));
const define =
  (...steps: Steps): (() => unknown) =>
  () =>
    defineWorkflow({ name: "prices.daily", steps });
const choice = (targets: { then: string; otherwise?: string; join?: string }): Steps[number] =>
  Step.choice("route", { when: () => true, ...targets });

describe("a mistake in a workflow's text throws where it is defined", () => {
  it.each<[string, () => unknown, string]>([
    ["two steps of one name", define(a, b, a), 'two steps are named "alpha". Rename one of them.'],
    [
      "a name that is no word",
      define(Step.lambda("alpha beta", () => ({}))),
      'step name "alpha beta" is not a word of letters, digits, _ and -.',
    ],
    ["an empty name", define(Step.lambda("", () => ({}))), 'step name "" is not a word of letters, digits, _ and -.'],
    [
      "a target that is not there",
      define(choice({ then: "alpah" }), a),
      'choice "route": then names "alpah", which is not a step. Did you mean "alpha"?',
    ],
    [
      "an otherwise that is not there",
      define(choice({ then: "alpha", otherwise: "bta" }), a, b),
      'otherwise names "bta", which is not a step. Did you mean "beta"?',
    ],
    [
      "a join that is not there",
      define(choice({ then: "alpha", join: "nowhere" }), a, b),
      'join names "nowhere", which is not a step. Known: "route", "alpha", "beta".',
    ],
    [
      "a target before the choice",
      define(a, choice({ then: "alpha" })),
      'then names "alpha", which does not lie after it. A choice can only go forward.',
    ],
    [
      "a choice that leads to itself",
      define(choice({ then: "route" }), a),
      'then names "route", which does not lie after it.',
    ],
    [
      "two branches that are one",
      define(choice({ then: "alpha", otherwise: "alpha" }), a),
      'then and otherwise are both "alpha", so there is nothing to choose.',
    ],
    [
      "a join before a branch",
      define(choice({ then: "beta", join: "alpha" }), a, b),
      'join "alpha" lies before a branch. Branches meet after both.',
    ],
    [
      "a limit of nothing",
      define(Step.lambda("alpha", () => ({}), { timeoutMs: 0 })),
      'step "alpha" has timeoutMs 0; it must be above 0.',
    ],
    [
      "a limit that is no number",
      define(Step.lambda("alpha", () => ({}), { timeoutMs: Number.NaN })),
      'step "alpha" has timeoutMs NaN; it must be above 0.',
    ],
    [
      "no attempt at all",
      define(Step.lambda("alpha", () => ({}), { retry: { maxAttempts: 0 } })),
      'step "alpha" has retry.maxAttempts 0; it must be a whole number of at least 1.',
    ],
    [
      "half an attempt",
      define(Step.lambda("alpha", () => ({}), { retry: { maxAttempts: 1.5 } })),
      'step "alpha" has retry.maxAttempts 1.5',
    ],
    [
      "a lambda without a function",
      define(Step.lambda("alpha", undefined as never)),
      'Lambda step "alpha" has no function. Give it one.',
    ],
    [
      "no time at all",
      () => defineWorkflow({ name: "prices.daily", steps: [], timeoutMs: 0 }),
      "timeoutMs is 0; it must be above 0.",
    ],
    [
      "defaults that are not JSON",
      () => defineWorkflow({ name: "prices.daily", steps: [], defaults: { since: new Date(0) } }),
      "defaults: The value at since is a Date",
    ],
    [
      "parameters of a step that are not JSON",
      () => Step.pipeline("alpha", Step.dynamic("x"), { params: { at: new Map() } }),
      'Step "alpha", params: The value at at is an instance of Map',
    ],
    [
      "parameters of a group that are not JSON",
      () => Step.group("alpha", "x", { params: { at: 7n } }),
      'Step "alpha", params: The value at at is a bigint',
    ],
  ])("%s", (_, definition, message) => {
    expect(definition).toThrow(expect.objectContaining({ code: "WORKFLOW_INVALID" }));
    expect(definition).toThrow(message);
  });

  it("the text names the workflow, and a name that is no key is KEY_INVALID", () => {
    expect(define(a, a)).toThrow('Workflow "prices.daily": ');
    expect(() => defineWorkflow({ name: "prices daily", steps: [] })).toThrow(
      expect.objectContaining({ code: "KEY_INVALID" }),
    );
  });

  it("the builder throws the same", () => {
    const builder = workflow("prices.daily")
      .choice("route", { when: () => true, then: "alpah" })
      .lambda("alpha", () => ({}));
    expect(() => builder.build()).toThrow('then names "alpah", which is not a step. Did you mean "alpha"?');
  });
});
