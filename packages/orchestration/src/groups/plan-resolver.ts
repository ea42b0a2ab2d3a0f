import type { Pipeline, Registry, Result, SpineError } from "@spine/core";
import type { Group } from "./group.ts";
import { type Plan, type PlanOptions, resolvePlan } from "./plan.ts";

/** Resolves groups against a registry of pipelines, for people who wire things themselves. */
export class PlanResolver {
  readonly #pipelines: Registry<Pipeline> | undefined;

  /** @param options.pipelines given, each step's pipeline must be registered */
  constructor(options: { readonly pipelines?: Registry<Pipeline> } = {}) {
    this.#pipelines = options.pipelines;
  }

  /** See {@link resolvePlan}. */
  resolve(group: Group, options: Omit<PlanOptions, "pipelines"> = {}): Result<Plan, SpineError> {
    return resolvePlan(group, this.#pipelines === undefined ? options : { ...options, pipelines: this.#pipelines });
  }
}
