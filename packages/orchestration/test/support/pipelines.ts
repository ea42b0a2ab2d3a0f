import {
  definePipeline,
  type InputOf,
  type OutputOf,
  type Pipeline,
  type PipelineContext,
  type TypedPipelineKey,
} from "@spine/core";

/** A pipeline without schemas; the default does nothing. */
export function stub(key: string, run: (context: PipelineContext) => unknown = () => undefined): Pipeline {
  return definePipeline({ key, run });
}

/** The key of a pipeline, with its types, as steps take it. */
export function keyOf<P extends Pipeline<string, never> | Pipeline>(
  pipeline: P,
): TypedPipelineKey<InputOf<P>, OutputOf<P>> {
  return pipeline.key as TypedPipelineKey<InputOf<P>, OutputOf<P>>;
}
