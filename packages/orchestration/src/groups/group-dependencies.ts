import {
  CycleDetectedError,
  didYouMean,
  err,
  GroupError,
  ok,
  type Registry,
  type Result,
  type SpineError,
} from "@spine/core";
import { topologicalOrder } from "../workflows/ancestors.ts";
import type { Group } from "./group.ts";

/** Groups depend on groups that are there, and in no circle. Fails with `GROUP_DEPENDENCY_UNKNOWN`, `GROUP_CYCLE`. */
export function checkGroupDependencies(groups: Registry<Group>): Result<void, SpineError> {
  const all = groups.list().map(({ value }) => value);
  const positions = new Map(all.map(({ name }, position) => [name, position]));
  const graph: { readonly dependsOn: number[] }[] = all.map(() => ({ dependsOn: [] }));
  for (const [position, { name, dependsOn }] of all.entries()) {
    for (const dependency of dependsOn) {
      const found = positions.get(dependency);
      if (found === undefined) {
        return err(
          new GroupError(
            `Group "${name}" depends on group "${dependency}", which is not registered.${didYouMean(dependency, positions.keys())}`,
            { code: "GROUP_DEPENDENCY_UNKNOWN", context: { group: name, dependency } },
          ),
        );
      }
      graph[position]?.dependsOn.push(found);
    }
  }
  const placed = new Set(topologicalOrder(graph));
  const start = all.findIndex((_, position) => !placed.has(position));
  return start < 0 ? ok(undefined) : err(circleFrom(start, all, graph, placed));
}

/** Every group that could not be placed depends on another such group, so following these leads round the circle. */
function circleFrom(
  start: number,
  all: readonly Group[],
  graph: readonly { readonly dependsOn: readonly number[] }[],
  placed: ReadonlySet<number>,
): CycleDetectedError {
  const path: number[] = [];
  for (let current = start; !path.includes(current);) {
    path.push(current);
    current = graph[current]?.dependsOn.find((dependency) => !placed.has(dependency)) ?? current;
  }
  const last = path.at(-1) ?? start;
  const again = graph[last]?.dependsOn.find((dependency) => path.includes(dependency)) ?? last;
  // People read a circle in the order of execution, which is against the direction of the walk.
  const circle = path.slice(path.indexOf(again)).toReversed();
  const names = circle.map((position) => all[position]?.name ?? "");
  const cycle = [...names, names[0] ?? ""];
  return new CycleDetectedError(
    `Groups depend on each other in a circle: ${cycle.join(" → ")}. Remove one of these dependencies.`,
    {
      cycle,
      context: {},
    },
  );
}
