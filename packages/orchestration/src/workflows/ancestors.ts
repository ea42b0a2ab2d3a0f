interface Depending {
  readonly dependsOn: readonly number[];
}

/**
 * The steps each step depends on, however far, in the order of the definition's levels: the order in which their outputs and updates
 * enter its context. Steps with the same dependencies share one list, which is made when somebody asks for it.
 */
export function ancestorsOf(steps: readonly Depending[]): (position: number) => readonly number[] {
  const order = topologicalOrder(steps);
  const place = new Map(order.map((position, index) => [position, index]));
  const byDependencies = new Map<string, readonly number[]>();
  return (position) => {
    const dependencies = steps[position]?.dependsOn ?? [];
    const key = dependencies.toSorted((a, b) => a - b).join(" ");
    const known = byDependencies.get(key);
    if (known !== undefined) return known;
    const reached = reach(dependencies, (current) => steps[current]?.dependsOn ?? []);
    const ancestors = Object.freeze([...reached].toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)));
    byDependencies.set(key, ancestors);
    return ancestors;
  };
}

/** A step and all that depend on it, however far. */
export function descendantsOf(steps: readonly Depending[]): (position: number) => ReadonlySet<number> {
  const dependents: number[][] = steps.map(() => []);
  for (const [position, { dependsOn }] of steps.entries()) {
    for (const dependency of dependsOn) dependents[dependency]?.push(position);
  }
  return (position) => reach([position], (current) => dependents[current] ?? []);
}

/** The places of an acyclic graph, each after all it depends on; where that leaves a choice, as defined. */
export function topologicalOrder(steps: readonly Depending[]): readonly number[] {
  const dependents: number[][] = steps.map(() => []);
  const left = steps.map(({ dependsOn }, position) => {
    const dependencies = new Set(dependsOn);
    for (const dependency of dependencies) dependents[dependency]?.push(position);
    return dependencies.size;
  });
  const order = [...steps.keys()].filter((position) => left[position] === 0);
  for (const position of order) {
    for (const dependent of dependents[position] ?? []) {
      const count = (left[dependent] ?? 0) - 1;
      left[dependent] = count;
      if (count === 0) order.push(dependent);
    }
  }
  return order;
}

function reach(from: readonly number[], next: (position: number) => readonly number[]): Set<number> {
  const reached = new Set(from);
  for (const position of reached) for (const further of next(position)) reached.add(further);
  return reached;
}
