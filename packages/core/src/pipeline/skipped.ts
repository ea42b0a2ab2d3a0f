/** What a pipeline returns when there was nothing to do: the run shows the step as SKIPPED with the reason. */
export interface Skipped<Output = unknown> {
  readonly status: "SKIPPED";
  readonly reason: string;
  /** What later steps read instead, such as the facts of the capture that is there already. */
  readonly output?: Output;
}

/**
 * Says that a pipeline had nothing to do, and why.
 * @example
 * if (current !== undefined && !params.force) return skipped(`already captured as ${current.captureId}`, { recordCount: 0 });
 */
export function skipped(reason: string): Skipped<never>;
export function skipped<Output>(reason: string, output: Output): Skipped<Output>;
export function skipped<Output>(reason: string, output?: Output): Skipped<Output> {
  return Object.freeze({ status: "SKIPPED", reason, ...(output === undefined ? {} : { output }) });
}

export function isSkipped(value: unknown): value is Skipped {
  if (typeof value !== "object" || value === null) return false;
  const { status, reason } = value as Partial<Skipped>;
  return status === "SKIPPED" && typeof reason === "string";
}
