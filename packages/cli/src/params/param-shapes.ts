import { isJsonObject, type JsonObject, type Json, type Schema } from "@spine/core";

/** One parameter as its schema describes it, in the words of JSON Schema. */
export interface ParamShape {
  readonly name: string;
  /** `string`, `integer`, `array`, …; empty when the schema does not say. */
  readonly types: readonly string[];
  readonly required: boolean;
  readonly choices: readonly Json[] | undefined;
  readonly defaultValue: Json | undefined;
  readonly description: string | undefined;
}

/** The parameters an object schema takes, or undefined when the schema cannot tell (Standard JSON Schema, standardschema.dev). */
function paramShapes(schema: Schema): readonly ParamShape[] | undefined {
  const described = describe(schema);
  const properties = described?.["properties"];
  if (described === undefined || !isJsonObject(properties)) return undefined;
  const required = described["required"];
  return Object.entries(properties).map(([name, property]) => {
    const shape = isJsonObject(property) ? resolveReference(property, described) : {};
    const { enum: choices, description } = shape;
    return {
      name,
      types: [...new Set(typesOf(shape, described))],
      required: Array.isArray(required) && required.includes(name) && !Object.hasOwn(shape, "default"),
      choices: Array.isArray(choices) ? choices : undefined,
      defaultValue: shape["default"],
      description: typeof description === "string" ? description : undefined,
    };
  });
}

/** The parameters of several schemas by name; where two know a name, the first one counts. */
export function mergedShapes(schemas: readonly (Schema | undefined)[]): ReadonlyMap<string, ParamShape> {
  const merged = new Map<string, ParamShape>();
  for (const schema of schemas) {
    for (const shape of schema === undefined ? [] : (paramShapes(schema) ?? [])) {
      if (!merged.has(shape.name)) merged.set(shape.name, shape);
    }
  }
  return merged;
}

/** `string`, `"T1" | "T2"`, `integer or null`, for people. */
export function typeText({ types, choices }: ParamShape): string {
  if (choices !== undefined) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  return types.length === 0 ? "any" : types.join(" or ");
}

interface JsonSchemaConverter {
  input(options: { readonly target: string }): unknown;
}

function describe(schema: Schema): JsonObject | undefined {
  const standard: object = schema["~standard"];
  if (!("jsonSchema" in standard) || !isConverter(standard.jsonSchema)) return undefined;
  try {
    const described = standard.jsonSchema.input({ target: "draft-2020-12" });
    return isJsonObject(described) ? described : undefined;
  } catch {
    // The specification lets a converter throw for what JSON Schema cannot say.
    return undefined;
  }
}

function isConverter(value: unknown): value is JsonSchemaConverter {
  return typeof value === "object" && value !== null && "input" in value && typeof value.input === "function";
}

function typesOf(shape: JsonObject, root: JsonObject): readonly string[] {
  const { type, enum: choices } = shape;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.filter((name) => typeof name === "string");
  if (Object.hasOwn(shape, "const")) return [typeOfJson(shape["const"] ?? null)];
  if (Array.isArray(choices)) return choices.map(typeOfJson);
  for (const union of ["anyOf", "oneOf"]) {
    const members = shape[union];
    if (!Array.isArray(members)) continue;
    const types = members.map((member) => (isJsonObject(member) ? typesOf(resolveReference(member, root), root) : []));
    // A member that takes anything makes the whole take anything.
    return types.some((list) => list.length === 0) ? [] : types.flat();
  }
  return [];
}

function typeOfJson(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Follows `{ "$ref": "#/$defs/name" }` once; deeper ones tell nothing. */
function resolveReference(shape: JsonObject, root: JsonObject): JsonObject {
  const reference = shape["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#/")) return shape;
  let found: Json | undefined = root;
  for (const part of reference.slice(2).split("/")) found = isJsonObject(found) ? found[part] : undefined;
  return isJsonObject(found) ? { ...found, ...shape } : shape;
}
