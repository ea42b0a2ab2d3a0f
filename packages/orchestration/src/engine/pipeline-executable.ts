import type { Pipeline } from "@spine/core";
import { pipelineKind, pipelineStep } from "../workflows/steps/pipeline.ts";
import { sequenceProgram } from "../workflows/sequence-program.ts";
import type { Executable } from "./executable.ts";

/** A single pipeline as a run of one step, named after the last word of its key. */
export function pipelineExecutable(pipeline: Pipeline): Executable {
  const name = pipeline.key.split(/[./:]/).at(-1) ?? pipeline.key;
  const step = pipelineStep(name, pipeline.key);
  return Object.freeze({
    kind: "pipeline",
    name: pipeline.key,
    version: pipeline.version,
    domain: undefined,
    steps: [
      { ...step, kind: pipelineKind.kind, execute: (context, scope) => pipelineKind.execute(step, context, scope) },
    ],
    paramsSchema: pipeline.params,
    defaults: {},
    refusesUnknownParams: true,
    maxConcurrency: 1,
    timeoutMs: undefined,
    batchPrefix: undefined,
    pipelines: [pipeline.key],
    document: {
      apiVersion: "spine.io/v1",
      kind: "Pipeline",
      name: pipeline.key,
      version: pipeline.version,
      steps: [{ name, pipeline: pipeline.key }],
    },
    program: () => sequenceProgram([{ name, onError: "stop", branching: undefined, branchTaken: () => undefined }]),
  } satisfies Executable);
}
