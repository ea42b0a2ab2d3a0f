import {
  didYouMean,
  err,
  isJsonObject,
  type Json,
  type JsonObject,
  ok,
  OrchestrationError,
  type Result,
  type SpineError,
} from "@spine/core";
import { parseExpression } from "../workflows/condition.ts";
import { type AnyStepKind, builtInKinds } from "./kinds.ts";
import { stepName } from "./step-form.ts";
import { mentions, readsByDot, renamedReferences } from "./step-references.ts";

/** How one step leads to another: by a target of a choice, or because the second depends on the first. */
export type Connection = "then" | "otherwise" | "join" | "dependsOn";

/** A change of a workflow's document. Positions count from 0; a value that is left out takes the field away. */
export type Edit =
  | { readonly op: "addStep"; readonly step: JsonObject; readonly at: number }
  | { readonly op: "removeStep"; readonly name: string }
  | { readonly op: "renameStep"; readonly name: string; readonly to: string }
  | { readonly op: "moveStep"; readonly name: string; readonly to: number }
  | {
      readonly op: "setField";
      readonly step?: string;
      readonly field: string;
      readonly value?: Json;
      readonly at?: number;
    }
  | {
      readonly op: "setParameter";
      readonly step: string;
      readonly name: string;
      readonly value?: Json;
      readonly at?: number;
    }
  | { readonly op: "setCondition"; readonly step: string; readonly when: string }
  | { readonly op: "connect"; readonly from: string; readonly to: string; readonly by: Connection }
  | { readonly op: "disconnect"; readonly from: string; readonly to: string; readonly by: Connection }
  | { readonly op: "all"; readonly edits: readonly Edit[] };

/** A changed document, and the change that leads back to the one before, byte for byte. */
export interface Edited {
  readonly document: JsonObject;
  readonly inverse: Edit;
}

export interface EditOptions {
  /** Kinds besides the built-in ones, whose fields may name steps. */
  readonly kinds?: readonly AnyStepKind[];
}

/**
 * Makes one change to a workflow's document; the document itself is not changed. Fails with `STEP_NOT_FOUND`, and with `EDIT_INVALID`
 * for what cannot be done here: a name that is taken, the removal of a step that others name. What a document says as a whole is
 * checked when it is read, so an editor may pass through documents that cannot run yet.
 */
export function applyEdit(
  document: JsonObject,
  edit: Edit,
  { kinds = [] }: EditOptions = {},
): Result<Edited, SpineError> {
  try {
    return ok(edited(document, edit, new Map([...builtInKinds, ...kinds].map((kind) => [kind.kind, kind]))));
  } catch (thrown) {
    if (thrown instanceof Refused) return err(thrown.error);
    throw thrown;
  }
}

type Kinds = ReadonlyMap<string, AnyStepKind>;

function edited(document: JsonObject, edit: Edit, kinds: Kinds): Edited {
  const steps = stepsOf(document);
  switch (edit.op) {
    case "all": {
      let current = document;
      const inverses: Edit[] = [];
      for (const one of edit.edits) {
        const { document: next, inverse } = edited(current, one, kinds);
        current = next;
        inverses.unshift(inverse);
      }
      return { document: current, inverse: { op: "all", edits: inverses } };
    }
    case "addStep": {
      const { name } = edit.step;
      if (typeof name !== "string") throw refused("A step needs a name.");
      requireFree(steps, name);
      if (!Number.isInteger(edit.at) || edit.at < 0 || edit.at > steps.length)
        throw refused(`A step cannot be added at ${edit.at}: there are ${steps.length}.`);
      const added = steps.toSpliced(edit.at, 0, edit.step);
      return { document: withSteps(document, added), inverse: { op: "removeStep", name } };
    }
    case "removeStep": {
      const at = positionOf(steps, edit.name);
      const others = steps.filter((step, index) => index !== at && mentions(step, edit.name, kinds));
      if (others.length > 0)
        throw refused(`Step "${edit.name}" is named by ${others.map(nameOf).join(", ")}. Disconnect it there first.`);
      return {
        document: withSteps(document, steps.toSpliced(at, 1)),
        inverse: { op: "addStep", step: steps[at] ?? {}, at },
      };
    }
    case "moveStep": {
      const at = positionOf(steps, edit.name);
      const step = steps[at] ?? {};
      if (!Number.isInteger(edit.to) || edit.to < 0 || edit.to >= steps.length)
        throw refused(`Step "${edit.name}" cannot move to ${edit.to}: there are ${steps.length} steps.`);
      return {
        document: withSteps(document, steps.toSpliced(at, 1).toSpliced(edit.to, 0, step)),
        inverse: { op: "moveStep", name: edit.name, to: at },
      };
    }
    case "renameStep": {
      const at = positionOf(steps, edit.name);
      if (edit.to === edit.name) return { document, inverse: edit };
      requireFree(steps, edit.to);
      // Else the way back would also rename what was there before.
      const other = steps.find((step) => mentions(step, edit.to, kinds));
      if (other !== undefined)
        throw refused(
          `Step "${edit.name}" cannot be named "${edit.to}": "${nameOf(other)}" already speaks of that name.`,
        );
      if (
        !stepName.safeParse(edit.to).success ||
        (edit.to.includes("-") && steps.some((step) => readsByDot(step, edit.name, kinds)))
      )
        throw refused(
          `Step "${edit.name}" cannot be named "${edit.to}": expressions read outputs by words of letters, digits and _.`,
        );
      const renamed = steps.map((step, index) => {
        const next = renamedReferences(step, edit, kinds);
        return index === at ? withMember(next, "name", edit.to) : next;
      });
      return { document: withSteps(document, renamed), inverse: { op: "renameStep", name: edit.to, to: edit.name } };
    }
    case "setField": {
      if (edit.field === "name" || edit.field === "steps")
        throw refused(`"${edit.field}" is not set as a field; rename, add and remove steps.`);
      const { step, field } = edit;
      const owner = step === undefined ? document : (steps[positionOf(steps, step)] ?? {});
      const changed = setMember(owner, field, edit.value, edit.at);
      const inverse: Edit = { op: "setField", ...(step === undefined ? {} : { step }), field, ...before(owner, field) };
      return {
        document: step === undefined ? changed : withStep(document, steps, step, changed),
        inverse,
      };
    }
    case "setParameter": {
      const { [positionOf(steps, edit.step)]: step = {} } = steps;
      const { params } = step;
      const own = isJsonObject(params) ? params : {};
      const changed = setMember(own, edit.name, edit.value, edit.at);
      const next = withStep(document, steps, edit.step, withMember(step, "params", changed));
      // A step that said nothing of parameters says nothing again.
      const inverse: Edit =
        params === undefined
          ? { op: "setField", step: edit.step, field: "params" }
          : { op: "setParameter", step: edit.step, name: edit.name, ...before(own, edit.name) };
      return { document: next, inverse };
    }
    case "setCondition": {
      const parsed = parseExpression(edit.when);
      if (parsed.isErr()) throw new Refused(parsed.error);
      return edited(document, { op: "setField", step: edit.step, field: "when", value: edit.when }, kinds);
    }
    case "connect":
    case "disconnect":
      return connected(document, edit, kinds);
    default:
      return assertNever(edit);
  }
}

function connected(
  document: JsonObject,
  edit: Extract<Edit, { readonly op: "connect" | "disconnect" }>,
  kinds: Kinds,
): Edited {
  const steps = stepsOf(document);
  const { from, to, by, op } = edit;
  const { [positionOf(steps, from)]: source = {} } = steps;
  const { [positionOf(steps, to)]: target = {} } = steps;
  const is = (): SpineError =>
    invalid(`"${from}" and "${to}" are ${op === "connect" ? "connected so already" : "not connected so"}.`);
  if (by !== "dependsOn") {
    if ((source[by] === to) === (op === "connect")) throw new Refused(is());
    const value = op === "connect" ? { value: to } : {};
    return edited(document, { op: "setField", step: from, field: by, ...value }, kinds);
  }
  const { dependsOn } = target;
  const names = Array.isArray(dependsOn) ? (dependsOn as readonly Json[]) : [];
  if (names.includes(from) === (op === "connect")) throw new Refused(is());
  const value = op === "connect" ? [...names, from] : names.filter((name) => name !== from);
  return edited(document, { op: "setField", step: to, field: "dependsOn", value }, kinds);
}

function assertNever(edit: never): never {
  throw refused(`There is no edit ${JSON.stringify(edit)}.`);
}

class Refused {
  readonly error: SpineError;
  constructor(error: SpineError) {
    this.error = error;
  }
}

function invalid(why: string): SpineError {
  return new OrchestrationError(why, { code: "EDIT_INVALID" });
}

function refused(why: string): Refused {
  return new Refused(invalid(why));
}

function stepsOf({ steps }: JsonObject): readonly JsonObject[] {
  if (Array.isArray(steps) && steps.every(isJsonObject)) return steps;
  throw refused("The document has no list of steps.");
}

function positionOf(steps: readonly JsonObject[], name: string): number {
  const at = steps.findIndex((step) => step["name"] === name);
  if (at >= 0) return at;
  const near = didYouMean(name, steps.map(nameOf));
  throw new Refused(
    new OrchestrationError(`The document has no step "${name}".${near}`, {
      code: "STEP_NOT_FOUND",
      context: { step: name },
    }),
  );
}

function requireFree(steps: readonly JsonObject[], name: string): void {
  if (steps.some((step) => step["name"] === name)) throw refused(`A step is named "${name}" already.`);
}

function nameOf(step: JsonObject): string {
  const { name } = step;
  return typeof name === "string" ? name : "";
}

function withSteps(document: JsonObject, steps: readonly JsonObject[]): JsonObject {
  return withMember(document, "steps", steps);
}

function withStep(document: JsonObject, steps: readonly JsonObject[], name: string, step: JsonObject): JsonObject {
  return withSteps(document, steps.with(positionOf(steps, name), step));
}

function withMember(object: JsonObject, key: string, value: Json): JsonObject {
  return setMember(object, key, value, undefined);
}

/** Members keep their places: a new one goes to `at`, else to the end. */
function setMember(object: JsonObject, key: string, value: Json | undefined, at: number | undefined): JsonObject {
  const members = Object.entries(object);
  const found = members.findIndex(([name]) => name === key);
  if (found >= 0) members.splice(found, 1);
  const place = found >= 0 ? found : (at ?? members.length);
  if (value !== undefined) members.splice(place, 0, [key, value]);
  return Object.freeze(Object.fromEntries(members));
}

function before(object: JsonObject, key: string): { readonly value?: Json; readonly at?: number } {
  const at = Object.keys(object).indexOf(key);
  const { [key]: value } = object;
  return at < 0 || value === undefined ? {} : { value, at };
}
