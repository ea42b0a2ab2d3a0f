import { errAsync, parseOutput, type Pipeline, type PipelineContext, SpineError, type SqlExecutor } from "@spine/core";
import type { WorkflowContext } from "../workflows/context.ts";
import type { StepScope } from "./scope.ts";

/** What a pipeline is given for one attempt: facts, doors to the store, and the services of the host's parts. */
export function pipelineContext(
  pipeline: Pipeline,
  params: unknown,
  context: WorkflowContext,
  scope: StepScope,
): PipelineContext {
  const { environment } = scope;
  const facts = scope.facts();
  // The rest of an open interface comes from the services below.
  const base = {
    params,
    run: facts,
    get signal() {
      return scope.signal;
    },
    log: environment.logger.child({
      runId: facts.runId,
      step: facts.step,
      pipeline: pipeline.key,
      ...(context.partition === undefined ? {} : { partition: context.partition }),
    }),
    clock: environment.clock,
    ids: environment.ids,
    partition: context.partition,
    asOf: context.asOf,
    sql: environment.store?.sql ?? noSql,
    get capture() {
      return scope.work().captures;
    },
    anomaly: (report) => scope.work().anomaly(report),
    quality: (metrics) => scope.quality(metrics),
    progress: (fraction, message) => scope.progress(fraction, message),
    commit: (work) => scope.work().commit(work, (output) => parseOutput(pipeline, output)),
  } satisfies Partial<PipelineContext> as Partial<PipelineContext> as PipelineContext;
  const given: Record<string, unknown> = {};
  for (const [name, service] of Object.entries(environment.services)) given[name] = service(base);
  return Object.freeze(
    Object.defineProperties(given, Object.getOwnPropertyDescriptors(base)) as unknown as PipelineContext,
  );
}

const unavailable = (): SpineError =>
  new SpineError("SQL_UNAVAILABLE", "This runner has no store with SQL. Use sqlite(path) or postgres(url).");

const noSql: SqlExecutor = Object.freeze({
  execute: () => errAsync(unavailable()),
  insert: () => errAsync(unavailable()),
});
