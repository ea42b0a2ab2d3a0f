import { encodeJsonObject, isJsonObject, orThrow, type JsonObject, type Pipeline } from "@spine/core";
import type { Group, Plan, Spine, Workflow } from "@spine/orchestration";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { valueText } from "../output/format.ts";
import { oneLine, type Style } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { mergedShapes, type ParamShape, typeText } from "../params/param-shapes.ts";
import { findRunnable, type Runnable } from "../params/runnable.ts";
import { withSpine } from "../session.ts";
import { paramsOf } from "./run.ts";

/** `spine plan <name>`: what a run would do, in which order and with which parameters. Nothing is run and no store touched. */
export const plan: Command = (invocation) =>
  withSpine(
    invocation,
    async (spine) => {
      const runnable = await findRunnable(spine, invocation.args[0] ?? "");
      const given = orThrow(encodeJsonObject(paramsOf(runnable, invocation)));
      const steps = stepsOf(spine, runnable, given);
      const shapes = [...mergedShapes(runnable.schemas).values()];
      const { style } = invocation;
      return {
        exitCode: EXIT_CODES.DONE,
        document: {
          kind: runnable.kind,
          name: runnable.name,
          version: runnable.version,
          params: shapes.map((shape) => ({
            ...shape,
            defaultValue: defaultOf(shape, runnable),
            given: given[shape.name],
          })),
          ...steps.document,
        },
        lines: [
          `${style.paint("bold", runnable.name)}  ${runnable.kind}, version ${runnable.version}`,
          ...(runnable.description === undefined ? [] : [`  ${oneLine(runnable.description)}`]),
          "",
          ...stepLines(steps, style),
          ...paramLines(shapes, runnable, given, style),
        ],
      };
    },
    { withoutStore: true },
  );

function stepLines({ columns, rows }: PlannedSteps, style: Style): readonly string[] {
  if (rows.length === 0) return [];
  const titles = columns.map((title) => ({ title }));
  return [...tableLines(titles, rows, style), ""];
}

interface PlannedSteps {
  readonly document: Readonly<Record<string, unknown>>;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function stepsOf(spine: Spine, { kind, definition }: Runnable, given: JsonObject): PlannedSteps {
  if (kind === "group") {
    const group = definition as Group;
    return groupSteps(group, orThrow(spine.groups.plan(group, { params: given })));
  }
  if (kind === "workflow") return workflowSteps(definition as Workflow);
  const { needs } = definition as Pipeline;
  return { document: { needs }, columns: ["NEEDS"], rows: needs.map((need) => [need]) };
}

function groupSteps({ policy }: Group, { steps }: Plan): PlannedSteps {
  return {
    document: { policy, steps },
    columns: ["LEVEL", "STEP", "PIPELINE", "AFTER", "PARAMS"],
    rows: steps
      .toSorted((a, b) => a.level - b.level || a.order - b.order)
      .map(({ level, name, pipeline, dependsOn, params }) => [
        String(level),
        name,
        pipeline,
        dependsOn.join(", "),
        pairsText(params),
      ]),
  };
}

function workflowSteps({ steps }: Workflow): PlannedSteps {
  const described = steps.map((step) => ({ step, facts: step.kind.toDocument(step) }));
  return {
    document: {
      steps: described.map(({ step, facts }, position) => ({
        position,
        name: step.name,
        kind: step.kind.kind,
        ...facts,
        onError: step.onError,
      })),
    },
    columns: ["STEP", "KIND", "DOES"],
    rows: described.map(({ step, facts }) => {
      const onError = step.onError === "stop" ? "" : `on error: ${step.onError}`;
      return [step.name, step.kind.kind, [doesText(facts), onError].filter((part) => part !== "").join("; ")];
    }),
  };
}

/** `finra.otc.ingest_week`, `outputs.ingest.rejected == 0 → process, else review`: what a step's own fields say. */
function doesText({ pipeline, group, when, then, otherwise, join, params }: JsonObject): string {
  const own = isJsonObject(params) ? pairsText(params) : "";
  if (typeof pipeline === "string" || typeof group === "string")
    return [valueText(pipeline ?? group), own].filter((part) => part !== "").join("  ");
  if (typeof then !== "string") return "";
  const condition = typeof when === "string" ? when : "a function";
  const rest = [
    typeof otherwise === "string" ? `else ${otherwise}` : "",
    typeof join === "string" ? `then ${join}` : "",
  ];
  return [`${condition} → ${then}`, ...rest.filter((part) => part !== "")].join(", ");
}

function paramLines(
  shapes: readonly ParamShape[],
  runnable: Runnable,
  given: JsonObject,
  style: Style,
): readonly string[] {
  if (shapes.length === 0) return ["Its schemas do not tell which parameters it takes."];
  const rows = shapes.map((shape) => {
    const byDefault = defaultOf(shape, runnable);
    const value = given[shape.name] ?? byDefault;
    const state = shape.required && byDefault === undefined ? "required" : "optional";
    return [
      shape.name,
      typeText(shape),
      value === undefined ? state : `= ${valueText(value)}`,
      oneLine(shape.description ?? ""),
    ];
  });
  return tableLines([{ title: "PARAM" }, { title: "TYPE" }, { title: "" }, { title: "" }], rows, style);
}

function defaultOf(shape: ParamShape, { defaults }: Runnable): unknown {
  return defaults[shape.name] ?? shape.defaultValue;
}

function pairsText(params: JsonObject): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(" ");
}
