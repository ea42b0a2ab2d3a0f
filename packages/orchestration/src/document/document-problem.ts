import { didYouMean, OrchestrationError, pathText, SpineError } from "@spine/core";

/** A way through a document, such as `["steps", 2, "retry"]`. */
export type DocumentPath = readonly (string | number)[];

/** A mistake in a document and where it is. */
export class DocumentProblem {
  readonly path: DocumentPath;
  readonly error: SpineError;

  constructor(path: DocumentPath, error: SpineError) {
    this.path = path;
    this.error = error;
  }

  /** @param place `workflows/daily.yaml:12:3`, or the name of the document, to which the path is added */
  toError(place: string, context: Readonly<Record<string, unknown>> = {}): SpineError {
    const { code, message, context: own } = this.error;
    const where = Object.keys(context).length > 0 || this.path.length === 0 ? place : pathText(this.path);
    return new OrchestrationError(`${where}: ${message}`, {
      code,
      context: { ...own, ...context, path: [...this.path] },
      cause: this.error,
    });
  }
}

export function problemOf(path: DocumentPath, why: string): DocumentProblem {
  return new DocumentProblem(path, new SpineError("WORKFLOW_INVALID", /[.?]$/.test(why) ? why : `${why}.`));
}

export function didYouMeanKey(key: string, keys: readonly string[]): string {
  return keys.length === 0 ? "" : didYouMean(key, keys);
}
