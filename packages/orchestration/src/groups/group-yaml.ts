import {
  didYouMean,
  err,
  GroupError,
  isJsonObject,
  ok,
  pathText,
  type Result,
  SpineError,
  type TypedPipelineKey,
} from "@spine/core";
import { type Document, isMap, isNode, stringify } from "yaml";
import type { z } from "zod";
import { placeText, readYaml, type YamlPlace, type YamlText } from "../yaml-text.ts";
import { defineGroup, type Group } from "./group.ts";
import { groupDocument } from "./group-executable.ts";
import {
  flatGroup,
  type FlatGroup,
  type GroupPolicyDocument,
  type GroupStepDocument,
  nestedGroup,
} from "./group-schema.ts";

/**
 * Reads a group from YAML (`apiVersion: spine.io/v1`, seed 003 D5), nested (`metadata`, `spec`) or flat. Fails with `GROUP_INVALID` or
 * `GROUP_DEPENDENCY_UNKNOWN`, whose text has file, line and column, and the near name of a misspelt key.
 * @param options.file named in errors; default `group`
 */
export function parseGroupYaml(text: string, options: { readonly file?: string } = {}): Result<Group, SpineError> {
  const read = readYaml(text, options.file ?? "group");
  if (read.isErr()) return err(invalid(read.error.place, read.error.why));
  const yaml = read.value;
  const { document, value } = yaml;
  if (!isMap(document.contents) || typeof value !== "object" || value === null)
    return err(invalid(yaml.at(0), "a group is a mapping with name and steps"));

  const nested = "metadata" in value || "spec" in value;
  const parsed = nested ? nestedGroup.safeParse(value) : flatGroup.safeParse(value);
  if (!parsed.success) return err(issueError(yaml, mostTelling(parsed.error.issues)));
  const flat: FlatGroup = "spec" in parsed.data ? { ...parsed.data.metadata, ...parsed.data.spec } : parsed.data;
  const steps = flat.steps ?? flat.pipelines;
  if (steps === undefined)
    return err(invalid(yaml.at(0), nested ? "spec.pipelines is required" : "steps (or pipelines) is required"));
  return definedAt(yaml, nested ? ["spec", "pipelines"] : [flat.steps === undefined ? "pipelines" : "steps"], () =>
    groupOf(flat, steps),
  );
}

/** A group as YAML in the nested form, in which {@link parseGroupYaml} reads the same group again. */
export function groupToYaml(group: Group): string {
  return stringify(withoutEmpty(groupDocument(group)), { lineWidth: 100 });
}

function groupOf(flat: FlatGroup, steps: readonly GroupStepDocument[]): Group {
  return defineGroup({
    name: flat.name,
    ...(flat.domain === undefined ? {} : { domain: flat.domain }),
    ...(flat.description === undefined ? {} : { description: flat.description }),
    ...(flat.version === undefined ? {} : { version: flat.version }),
    ...(flat.tags === undefined ? {} : { tags: flat.tags }),
    ...(flat.defaults === undefined ? {} : { defaults: flat.defaults }),
    ...(flat.depends_on === undefined ? {} : { dependsOn: flat.depends_on }),
    ...(flat.concurrency === undefined ? {} : { concurrency: concurrencyOf(flat.concurrency) }),
    policy: policyOf(flat.policy ?? {}),
    steps: steps.map((step) => ({
      name: step.name,
      pipeline: step.pipeline as TypedPipelineKey<unknown, unknown>,
      dependsOn: step.depends_on ?? [],
      params: step.params ?? {},
    })),
  });
}

function concurrencyOf({ limit, key }: NonNullable<FlatGroup["concurrency"]>): NonNullable<Group["concurrency"]> {
  return key === undefined ? { limit } : { limit, key };
}

function policyOf(policy: GroupPolicyDocument): NonNullable<Parameters<typeof defineGroup>[0]["policy"]> {
  return {
    ...(policy.execution === undefined ? {} : { execution: policy.execution }),
    ...(policy.max_concurrency === undefined ? {} : { maxConcurrency: policy.max_concurrency }),
    ...(policy.on_failure === undefined ? {} : { onFailure: policy.on_failure }),
    ...(policy.timeout_minutes === undefined ? {} : { timeoutMinutes: policy.timeout_minutes }),
  };
}

/** What is wrong with the group as a whole is a throw of `defineGroup`; in a file it has a place. */
function definedAt(yaml: YamlText, path: readonly string[], define: () => Group): Result<Group, SpineError> {
  try {
    return ok(define());
  } catch (thrown) {
    if (!(thrown instanceof SpineError)) throw thrown;
    const step = thrown.context.step;
    const index = step === undefined ? -1 : stepIndex(yaml.document, path, step);
    const place = yaml.at(index < 0 ? yaml.valueOffsetOf(path) : offsetOf(yaml, [...path, index, "depends_on"]));
    return err(
      new GroupError(`${placeText(place)}: ${thrown.message}`, {
        code: thrown.code,
        context: { ...thrown.context, ...place },
        cause: thrown,
      }),
    );
  }
}

function stepIndex(document: Document, path: readonly string[], name: string): number {
  const steps: unknown = document.getIn(path);
  const list: unknown = isNode(steps) ? steps.toJS(document) : undefined;
  return Array.isArray(list)
    ? list.findIndex(
        (step: unknown) => typeof step === "object" && step !== null && (step as { name?: unknown }).name === name,
      )
    : -1;
}

/** A misspelt key makes two issues, "unknown" and "missing"; the first one tells more. */
function mostTelling(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  return issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
}

function issueError(yaml: YamlText, issue: z.core.$ZodIssue | undefined): GroupError {
  if (issue === undefined) return invalid(yaml.at(0), "it is not a group");
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code !== "unrecognized_keys") {
    const subject = path.length === 0 ? "the group" : pathText(path);
    const missing = issue.code === "invalid_type" && issue.input === undefined;
    return invalid(
      yaml.at(offsetOf(yaml, path)),
      yaml.document.getIn(path) === undefined || missing ? `${subject} is required` : `${subject}: ${issue.message}`,
    );
  }
  const [key = ""] = issue.keys;
  return invalid(
    yaml.at(yaml.keyOffsetOf(path, key) ?? offsetOf(yaml, path)),
    `"${key}" is not a key of ${path.length === 0 ? "a group" : pathText(path)}.${didYouMean(key, knownKeys(path))}`,
  );
}

function knownKeys(path: readonly (string | number)[]): readonly string[] {
  const last = path.at(-1);
  if (typeof last === "number") return ["name", "pipeline", "depends_on", "params"];
  if (last === "policy") return ["execution", "max_concurrency", "on_failure", "timeout_minutes"];
  if (last === "metadata") return ["name", "domain", "description", "version", "tags"];
  if (last === "concurrency") return ["limit", "key"];
  if (last === "spec") return ["depends_on", "concurrency", "defaults", "pipelines", "policy"];
  return [
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "name",
    "domain",
    "description",
    "version",
    "tags",
    "depends_on",
    "concurrency",
    "defaults",
    "steps",
    "pipelines",
    "policy",
  ];
}

/** Where a value stands; of an absent one, where its nearest parent does. */
function offsetOf(yaml: YamlText, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = yaml.valueOffsetOf(path.slice(0, length));
    if (offset !== undefined) return offset;
  }
  return undefined;
}

function invalid(place: YamlPlace, why: string): GroupError {
  return new GroupError(`${placeText(place)}: ${why}${/[.?]$/.test(why) ? "" : "."}`, { context: { ...place } });
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(
    ([, member]) =>
      !(Array.isArray(member) && member.length === 0) && !(isJsonObject(member) && Object.keys(member).length === 0),
  );
  return Object.fromEntries(members.map(([key, member]) => [key, withoutEmpty(member)]));
}
