import {
  createRegistry,
  orThrow,
  type Pipeline,
  definePipeline,
  PipelineNotFoundError,
  type Registry,
} from "@spine/core";
import { defineGroup, type Group, groupDocument, type GroupStepDefinition, resolvePlan } from "@spine/orchestration";
import type { Bench, BenchCase } from "../bench.ts";

const size = 10_000;
const timesPerRound = 5;

/** Planning a group of 10,000 steps over reading the same group's JSON once. */
export const planning: BenchCase = {
  name: "planning",
  open: async () => {
    const pipelines = registryOf("bench.work");
    return {
      benches: [
        planBench("plan-layers-100x100", layers(100, 100, 3), pipelines),
        planBench("plan-layers-100x100-dense", layers(100, 100, 100), pipelines),
        planBench("plan-chain-10000", chain(size), pipelines),
        planBench("plan-chain-10000-reversed", chain(size).toReversed(), pipelines),
      ],
    };
  },
};

function planBench(name: string, steps: readonly GroupStepDefinition[], pipelines: Registry<Pipeline>): Bench {
  const group: Group = defineGroup({ name: "bench.group", defaults: { tier: "OTC", week: "2025-11-14" }, steps });
  const text = JSON.stringify(groupDocument(group));
  return {
    name,
    unit: "ms",
    goal: 10,
    measured: async () => {
      const startedMs = performance.now();
      for (let time = 0; time < timesPerRound; time += 1) {
        const plan = orThrow(resolvePlan(group, { params: { week: "2025-11-21" }, pipelines }));
        if (plan.steps.length !== size) throw new Error("the plan lost steps");
      }
      return (performance.now() - startedMs) / timesPerRound;
    },
    floor: async () => {
      const startedMs = performance.now();
      for (let time = 0; time < timesPerRound; time += 1) JSON.parse(text);
      return (performance.now() - startedMs) / timesPerRound;
    },
  };
}

/** Every step of a layer waits for some of the layer before. */
function layers(count: number, width: number, fanIn: number): readonly GroupStepDefinition[] {
  return Array.from({ length: count * width }, (_, index) => {
    const layer = Math.floor(index / width);
    const column = index % width;
    const before = Array.from({ length: fanIn }, (__, offset) => `s${layer - 1}_${(column + offset) % width}`);
    return step(`s${layer}_${column}`, layer === 0 ? [] : before);
  });
}

function chain(length: number): readonly GroupStepDefinition[] {
  return Array.from({ length }, (_, index) => step(`s${index}`, index === 0 ? [] : [`s${index - 1}`]));
}

function step(name: string, dependsOn: readonly string[]): GroupStepDefinition {
  return { name, pipeline: "bench.work", dependsOn, params: { symbol: name } };
}

function registryOf(key: string): Registry<Pipeline> {
  const registry = createRegistry<Pipeline>("pipeline", {
    notFound: (missing, hint) => new PipelineNotFoundError(missing, `Pipeline "${missing}" is not registered.${hint}`),
  });
  orThrow(registry.register(key, definePipeline({ key, run: () => undefined })));
  return registry;
}
