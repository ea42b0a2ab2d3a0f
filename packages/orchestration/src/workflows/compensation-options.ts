import { encodeJsonObject, type JsonObject, SpineError } from "@spine/core";

/** The pipeline that makes a step's work good when a later step fails. */
export interface CompensationOptions {
  readonly pipeline: string;
  /** Over the context's parameters. */
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Compensation {
  readonly pipeline: string;
  readonly params: JsonObject;
}

/** Throws `WORKFLOW_INVALID` when the parameters are not JSON. */
export function compensationOf(options: CompensationOptions | undefined): Compensation | undefined {
  if (options === undefined) return undefined;
  const params = encodeJsonObject(options.params ?? {});
  if (params.isErr()) {
    throw new SpineError("WORKFLOW_INVALID", `Compensation by "${options.pipeline}": ${params.error.message}`, {
      cause: params.error,
    });
  }
  return Object.freeze({ pipeline: options.pipeline, params: params.value });
}
