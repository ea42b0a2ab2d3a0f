import { didYouMean, type Frequency, SpineError } from "@spine/core";
import type { Spine } from "@spine/orchestration";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { countOf } from "../output/format.ts";
import { oneLine, type Style } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { mergedShapes } from "../params/param-shapes.ts";
import { type Runnable, runnableGroup, runnablePipeline, runnableWorkflow } from "../params/runnable.ts";
import { withSpine } from "../session.ts";

/** `spine list [kind]`: what the project has. The store is not touched. */
export const list: Command = (invocation) => {
  const kinds = kindsOf(invocation.args[0]);
  return withSpine(
    invocation,
    async (spine) => {
      const found = kinds.map((kind) => ({ kind, entries: entriesOf[kind](spine) }));
      return {
        exitCode: EXIT_CODES.DONE,
        document: Object.fromEntries(found.map(({ kind, entries }) => [kind, entries.map(({ facts }) => facts)])),
        lines: found.flatMap(({ kind, entries }, index) => [
          ...(index === 0 ? [] : [""]),
          ...kindLines(kind, entries, invocation.style),
        ]),
      };
    },
    { withoutStore: true },
  );
};

const kindNames = ["workflows", "groups", "pipelines", "expectations", "plugins"] as const;
type Kind = (typeof kindNames)[number];

interface Entry {
  readonly name: string;
  readonly about: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

const entriesOf: Readonly<Record<Kind, (spine: Spine) => readonly Entry[]>> = {
  workflows: (spine) =>
    spine.workflows.list().map((workflow) => ({
      ...entryOf(runnableWorkflow(spine, workflow), [countOf(workflow.steps.length, "step")]),
      facts: {
        ...factsOf(runnableWorkflow(spine, workflow)),
        domain: workflow.domain,
        steps: workflow.steps.map(({ name }) => name),
      },
    })),
  groups: (spine) =>
    spine.groups.list().map((group) => ({
      ...entryOf(runnableGroup(spine, group), [countOf(group.steps.length, "step"), group.policy.execution]),
      facts: {
        ...factsOf(runnableGroup(spine, group)),
        domain: group.domain,
        steps: group.steps.map(({ name }) => name),
      },
    })),
  pipelines: (spine) =>
    spine.pipelines.list().map((pipeline) => ({
      ...entryOf(
        runnablePipeline(pipeline),
        pipeline.needs.map((need) => `needs ${need}`),
      ),
      facts: { ...factsOf(runnablePipeline(pipeline)), needs: pipeline.needs },
    })),
  expectations: (spine) =>
    spine.expectations.list().map((expectation) => {
      const { name, domain, stages, start, produce, description } = expectation;
      const facts = [
        domain,
        `from ${start} on`,
        stages.map(({ stage }) => stage).join(" → "),
        ...(produce === undefined ? [] : [`made by ${produce.run}`]),
      ];
      return {
        name,
        about: [facts.join(", "), oneLine(description ?? "")].filter((part) => part !== "").join(" · "),
        facts: { ...expectation, frequency: frequencyFacts(expectation.frequency) },
      };
    }),
  plugins: (spine) =>
    spine.plugins.map(({ name, version, domain, contributions }) => {
      const counts = Object.entries(contributions).map(([kind, values]) =>
        countOf(values.length, kind.replace(/s$/, "")),
      );
      return {
        name,
        about: [`version ${version}`, ...counts].join(", "),
        facts: {
          name,
          version,
          domain,
          contributes: Object.fromEntries(Object.entries(contributions).map(([kind, values]) => [kind, values.length])),
        },
      };
    }),
};

/** A frequency of one's own is a function, which JSON cannot hold. */
function frequencyFacts(frequency: Frequency): unknown {
  return typeof frequency === "function" ? "own" : frequency;
}

function factsOf(runnable: Runnable): Readonly<Record<string, unknown>> {
  const { kind, name, version, description, defaults } = runnable;
  return { kind, name, version, description, defaults, params: [...mergedShapes(runnable.schemas).keys()] };
}

function entryOf(runnable: Runnable, facts: readonly string[]): Pick<Entry, "name" | "about"> {
  const params = [...mergedShapes(runnable.schemas).values()].map(({ name, required }) =>
    required ? name : `[${name}]`,
  );
  const parts = [...facts, ...(params.length === 0 ? [] : [`params: ${params.join(" ")}`])];
  return {
    name: runnable.name,
    about: [parts.join(", "), oneLine(runnable.description ?? "")].filter((part) => part !== "").join(" · "),
  };
}

function kindLines(kind: Kind, entries: readonly Entry[], style: Style): readonly string[] {
  const columns = [{ title: kind.toUpperCase() }, { title: "" }];
  if (entries.length === 0) return [`${style.paint("dim", kind.toUpperCase())}  none`];
  return tableLines(
    columns,
    entries.map(({ name, about }) => [name, about]),
    style,
  );
}

function kindsOf(text: string | undefined): readonly Kind[] {
  if (text === undefined) return kindNames;
  const kind = kindNames.find((name) => name === text || name === `${text}s`);
  if (kind !== undefined) return [kind];
  throw new SpineError("COMMAND_INVALID", `There is no list of "${text}".${didYouMean(text, kindNames)}`, {
    category: "CONFIG",
  });
}
