import { OrchestrationError, type Result, type SpineError } from "@spine/core";
import { stringify } from "yaml";
import type { Workflow } from "../workflows/workflow.ts";
import { placeText, readYaml, type YamlMistake, type YamlText } from "../yaml-text.ts";
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
  return readYaml(text, options.file ?? "workflow")
    .mapErr(notYaml)
    .andThen((yaml) =>
      readDocument(yaml.value, options).mapErr((problem) => {
        const place = yaml.at(keyOrValueOffset(yaml, problem.path));
        return problem.toError(placeText(place), { ...place });
      }),
    );
}

/** A workflow as YAML, in which {@link workflowFromYaml} reads the same workflow again. Fails like `workflowToJson`. */
export function workflowToYaml(workflow: Workflow, options: WriteOptions = {}): Result<string, SpineError> {
  return workflowToJson(workflow, options).map((document) => stringify(document, { lineWidth: 100 }));
}

function notYaml({ place, why, cause }: YamlMistake): SpineError {
  return new OrchestrationError(`${placeText(place)}: ${why}.`, { cause, context: { ...place } });
}

/** Where a key stands, or a member of a list; of an absent one, where its nearest parent does. */
function keyOrValueOffset(yaml: YamlText, path: DocumentPath): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const key = path[length - 1] ?? "";
    const parent = path.slice(0, length - 1);
    const offset = yaml.keyOffsetOf(parent, key) ?? yaml.valueOffsetOf([...parent, key]);
    if (offset !== undefined) return offset;
  }
  return yaml.valueOffsetOf([]);
}
