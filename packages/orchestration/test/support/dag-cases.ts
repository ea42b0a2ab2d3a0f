import fc from "fast-check";
import type { Dependencies } from "./groups.ts";

/** A group, and how its steps behave. */
export interface DagCase {
  readonly dependencies: Dependencies;
  readonly failing: readonly string[];
  readonly limit: number;
  /** How many turns of the event loop each step takes. */
  readonly turns: readonly number[];
}

/** Groups of up to twelve steps, each of which depends on earlier ones only. */
export const dagCases: fc.Arbitrary<DagCase> = fc
  .array(
    fc.record({
      picks: fc.array(fc.nat(), { maxLength: 3 }),
      fails: fc.boolean(),
      turns: fc.integer({ min: 0, max: 4 }),
    }),
    { maxLength: 12 },
  )
  .chain((steps) =>
    fc.record({ steps: fc.constant(steps), limit: fc.integer({ min: 1, max: 5 }), anyFails: fc.boolean() }),
  )
  .map(({ steps, limit, anyFails }) => ({
    dependencies: Object.fromEntries(
      steps.map(({ picks }, index) => [
        `s${index}`,
        index === 0 ? [] : [...new Set(picks.map((pick) => `s${pick % index}`))],
      ]),
    ),
    failing: anyFails ? steps.flatMap(({ fails }, index) => (fails && index % 3 === 0 ? [`s${index}`] : [])) : [],
    limit,
    turns: steps.map(({ turns }) => turns),
  }));
