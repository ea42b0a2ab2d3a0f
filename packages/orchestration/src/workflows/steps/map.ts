import { encodeJsonObject, type JsonObject, SpineError } from "@spine/core";
import type { RetryPolicy } from "../../engine/retry.ts";
import { type Expression, parseListExpression } from "../condition.ts";
import type { WorkflowContext } from "../context.ts";
import { itemWork, type MapWork } from "../map/item-work.ts";
import { runMap } from "../map/run-map.ts";
import { policyOf, type StepBase, type StepKind, type StepPolicyOptions } from "../step-kind.ts";

/** Where items come from: they are read one after another and never held together. Read again after a crash, they must be the same. */
export type ItemSource = (context: WorkflowContext) => Iterable<unknown> | AsyncIterable<unknown>;

/** How many items may fail before the step does: none, all, or so many. */
export type ItemFailures =
  | "stop"
  | "continue"
  | { readonly maxFailed: number }
  | { readonly maxFailedFraction: number };

export interface MapOptions extends StepPolicyOptions {
  /** A CEL expression that gives a list, or a function that gives items as they come. */
  readonly items: Expression | ItemSource;
  /** What is done with each item: a pipeline, a workflow (a child run each), or a function. Exactly one. */
  readonly pipeline?: string;
  readonly workflow?: string;
  readonly run?: (item: never, context: WorkflowContext, index: number) => unknown;
  /** Over the context's parameters, for each item. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** The parameter that holds the item. @defaultValue item */
  readonly itemParam?: string;
  /** Items that are worked on at once. @defaultValue 4 */
  readonly concurrency?: number;
  /** @defaultValue stop */
  readonly onItemError?: ItemFailures;
  /** How often a failed item is tried again. @defaultValue once, and not again */
  readonly itemRetry?: RetryPolicy;
  /** Change it when a function begins to do something else. @defaultValue "1" */
  readonly version?: string;
}

export interface MapStep extends StepBase {
  readonly kind: StepKind<MapStep>;
  readonly items: Expression | ItemSource;
  readonly source: ItemSource;
  readonly work: MapWork;
  readonly params: JsonObject;
  readonly itemParam: string;
  readonly concurrency: number;
  readonly onItemError: ItemFailures;
  readonly itemRetry: RetryPolicy | undefined;
  readonly version: string;
}

/** Does the same for each of any number of items: rows in the store, each done once (design 4.12). */
const mapKind: StepKind<MapStep> = Object.freeze<StepKind<MapStep>>({
  kind: "map",
  execute: (step, context, scope) =>
    context.isDryRun
      ? { status: "COMPLETED", output: Object.freeze({ dryRun: true }) }
      : runMap(step, itemWork(step, context, scope), context, scope),
  toDocument: ({ items, work, params, itemParam, concurrency, onItemError, itemRetry, version }) => ({
    items: typeof items === "string" ? items : { inline: version },
    ...(work.kind === "run" ? { run: { inline: version } } : { [work.kind]: work.name }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
    ...(itemParam === "item" ? {} : { itemParam }),
    ...(concurrency === 4 ? {} : { concurrency }),
    ...(onItemError === "stop"
      ? {}
      : { onItemError: typeof onItemError === "string" ? onItemError : { ...onItemError } }),
    ...(itemRetry === undefined ? {} : { itemRetry: { ...itemRetry } }),
  }),
  pipelinesOf: ({ work }) => (work.kind === "pipeline" ? [work.name] : []),
  workflowsOf: ({ work }) => (work.kind === "workflow" ? [work.name] : []),
  check: ({ name, concurrency }) =>
    Number.isInteger(concurrency) && concurrency >= 1
      ? undefined
      : new SpineError("WORKFLOW_INVALID", `Map step "${name}" has concurrency ${concurrency}; it must be at least 1.`),
});

/** Throws `WORKFLOW_INVALID` when it does not say what to do, or says it twice. */
export function mapStep(name: string, options: MapOptions): MapStep {
  const { items, pipeline, workflow, run } = options;
  const works: MapWork[] = [
    ...(pipeline === undefined ? [] : [{ kind: "pipeline", name: pipeline } as const]),
    ...(workflow === undefined ? [] : [{ kind: "workflow", name: workflow } as const]),
    ...(run === undefined ? [] : [{ kind: "run", handler: run as MapWork["handler"] } as MapWork]),
  ];
  const [work] = works;
  if (work === undefined || works.length > 1)
    throw new SpineError("WORKFLOW_INVALID", `Map step "${name}" needs one of pipeline, workflow and run.`);
  const params = encodeJsonObject(options.params ?? {});
  if (params.isErr()) throw new SpineError("WORKFLOW_INVALID", `Step "${name}", params: ${params.error.message}`);
  const parsed = typeof items === "string" ? parseListExpression(items) : undefined;
  if (parsed?.isErr() === true) throw parsed.error.withContext({ step: name });
  return Object.freeze({
    name,
    kind: mapKind,
    items,
    source: typeof items === "string" ? (parsed?.unwrapOr(none) ?? none) : items,
    work: Object.freeze(work),
    params: params.value,
    itemParam: options.itemParam ?? "item",
    concurrency: options.concurrency ?? 4,
    onItemError: options.onItemError ?? "stop",
    itemRetry: options.itemRetry,
    version: options.version ?? "1",
    ...policyOf(options),
  });
}

const none: ItemSource = () => [];
