import { err, type Result, tryResult } from "@spine/core";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";

/** A place in a text, as errors name it; lines and columns count from 1. */
export interface YamlPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Why a text is not YAML, in one line without a full stop. */
export interface YamlMistake {
  readonly place: YamlPlace;
  readonly why: string;
  readonly cause: unknown;
}

type YamlPath = readonly (string | number)[];

/** A YAML text that was read, with the places of what is in it. */
export interface YamlText {
  readonly document: Document;
  /** Plain data, aliases followed. */
  readonly value: unknown;
  /** @defaultValue the beginning of the text */
  at(offset: number | undefined): YamlPlace;
  /** Where a value stands; undefined when it is not there. */
  valueOffsetOf(path: YamlPath): number | undefined;
  /** Where a key of the mapping at a path stands; undefined when it is not there. */
  keyOffsetOf(path: YamlPath, key: string | number): number | undefined;
}

/** Reads a text of one YAML 1.2 document; keys are unique, and what its syntax or its aliases say wrongly has a place. */
export function readYaml(text: string, file: string): Result<YamlText, YamlMistake> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: "1.2" });
  const at = (offset = 0): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) return err({ place: at(syntax.pos[0]), why: reasonOf(syntax), cause: syntax });
  // Aliases are followed here: one that leads nowhere, or too many of them, throw.
  return tryResult(
    (): unknown => document.toJS({ maxAliasCount: 100 }),
    (thrown): YamlMistake => ({ place: at(), why: reasonOf(thrown), cause: thrown }),
  ).map((value) => ({
    document,
    value,
    at,
    valueOffsetOf: (path) => startOf(nodeAt(document, path)),
    keyOffsetOf(path, key) {
      const parent = nodeAt(document, path);
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && item.key.value === key)
        : undefined;
      return startOf(pair?.key);
    },
  }));
}

/** `file:line:column`. */
export function placeText({ file, line, column }: YamlPlace): string {
  return `${file}:${line}:${column}`;
}

function reasonOf(thrown: unknown): string {
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  return (said.split("\n")[0] ?? "").replace(/ at line .*$/, "");
}

function nodeAt(document: Document, path: YamlPath): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
