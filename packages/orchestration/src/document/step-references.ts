import { isJsonObject, type Json, type JsonObject } from "@spine/core";
import type { AnyStepKind } from "./kinds.ts";

type Kinds = ReadonlyMap<string, Pick<AnyStepKind, "form">>;

/** Whether a step of a document names another one: as a target, as what it depends on, or in an expression. */
export function mentions(step: JsonObject, name: string, kinds: Kinds): boolean {
  return renamedReferences(step, { name, to: `${name}\u{0}` }, kinds) !== step;
}

/** Whether an expression of the step reads the other's output as `outputs.name`, which no name with a hyphen can follow. */
export function readsByDot(step: JsonObject, name: string, kinds: Kinds): boolean {
  const marked = JSON.stringify(renamedReferences(step, { name, to: `${name}\u{0}` }, kinds));
  return new RegExp(String.raw`\.(?:\s|\\[nrt])*${name}\\u0000`).test(marked);
}

/** A step in which another one is called by its new name; the same object when it does not speak of it. */
export function renamedReferences(
  step: JsonObject,
  { name, to }: { readonly name: string; readonly to: string },
  kinds: Kinds,
): JsonObject {
  const form = (typeof step["type"] === "string" ? kinds.get(step["type"]) : undefined)?.form;
  const rename = (value: Json | undefined): Json | undefined => (value === name ? to : value);
  const text = (value: Json | undefined): Json | undefined =>
    typeof value === "string" ? renamedInExpression(value, name, to) : value;
  let changed = step;
  for (const field of form?.steps ?? []) changed = replaced(changed, [field], rename);
  for (const field of form?.expressions ?? []) changed = replaced(changed, field.split("."), text);
  return replaced(changed, ["dependsOn"], (value) =>
    Array.isArray(value) && value.includes(name)
      ? (value as readonly Json[]).map((one) => (one === name ? to : one))
      : value,
  );
}

function replaced(
  object: JsonObject,
  [field = "", ...rest]: readonly string[],
  change: (value: Json | undefined) => Json | undefined,
): JsonObject {
  if (!Object.hasOwn(object, field)) return object;
  const value = object[field];
  const next = rest.length === 0 ? change(value) : isJsonObject(value) ? replaced(value, rest, change) : value;
  if (next === value || next === undefined) return object;
  return Object.freeze(
    Object.fromEntries(Object.entries(object).map(([key, own]) => [key, key === field ? next : own])),
  );
}

/** Strings and comments of CEL, `outputs.name` and `outputs["name"]`; everything else is passed over. */
const tokens =
  /(?<![\w.])outputs\s*\.\s*(?<dotted>[A-Za-z_]\w*)|(?<![\w.])outputs\s*\[\s*(?<quote>["'])(?<quoted>[\w-]+)\k<quote>\s*\]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/\/[^\n]*/g;

/** Calls an output by another name in an expression, and leaves strings and comments alone. */
function renamedInExpression(expression: string, name: string, to: string): string {
  return expression.replaceAll(tokens, (found: string, ...rest: readonly unknown[]) => {
    const { dotted, quoted } = rest.at(-1) as { readonly dotted?: string; readonly quoted?: string };
    if ((dotted ?? quoted) !== name) return found;
    const at = found.lastIndexOf(name);
    return found.slice(0, at) + to + found.slice(at + name.length);
  });
}

/** Names of the outputs an expression reads. */
export function outputsIn(expression: string): readonly string[] {
  return [...expression.matchAll(tokens)].flatMap(({ groups }) => groups?.["dotted"] ?? groups?.["quoted"] ?? []);
}
