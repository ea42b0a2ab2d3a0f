import { err, OrchestrationError, type Result, type SpineError, tryResult } from "@spine/core";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, stringify } from "yaml";
import type { Workflow } from "../workflows/workflow.ts";
import type { DocumentPath } from "./document-problem.ts";
import { readDocument, type ReadOptions, workflowToJson, type WriteOptions } from "./workflow-document.ts";

/**
 * Makes a workflow of its YAML. Fails like `workflowFromJson`; the text has file, line and column of the mistake.
 * @param options.file named in errors; default `workflow`
 */
export function workflowFromYaml(
  text: string,
  options: ReadOptions & { readonly file?: string } = {},
): Result<Workflow, SpineError> {
  const { file = "workflow" } = options;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: "1.2" });
  const at = (offset: number): { readonly file: string; readonly line: number; readonly column: number } => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) return err(notYaml(at(syntax.pos[0]), syntax.message.split("\n")[0] ?? "", syntax));
  // Aliases are followed here: one that leads nowhere, or too many of them, throw.
  const read = tryResult(
    (): unknown => document.toJS({ maxAliasCount: 100 }),
    (thrown) => notYaml(at(0), thrown instanceof Error ? thrown.message : String(thrown), thrown),
  );
  return read.andThen((value) =>
    readDocument(value, options).mapErr((problem) => {
      const place = at(offsetOf(document, problem.path));
      return problem.toError(`${file}:${place.line}:${place.column}`, place);
    }),
  );
}

/** A workflow as YAML, in which {@link workflowFromYaml} reads the same workflow again. Fails like `workflowToJson`. */
export function workflowToYaml(workflow: Workflow, options: WriteOptions = {}): Result<string, SpineError> {
  return workflowToJson(workflow, options).map((document) => stringify(document, { lineWidth: 100 }));
}

function notYaml(
  place: { readonly file: string; readonly line: number; readonly column: number },
  why: string,
  cause: unknown,
): SpineError {
  const said = why.replace(/ at line .*$/, "");
  return new OrchestrationError(`${place.file}:${place.line}:${place.column}: ${said}.`, {
    cause,
    context: { ...place },
  });
}

/** Where a key stands; of an absent one, where its nearest parent does. */
function offsetOf(document: Document, path: DocumentPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const key = path[length - 1];
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    const node: unknown = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range !== undefined && node.range !== null) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
