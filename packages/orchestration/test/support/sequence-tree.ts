import fc from "fast-check";
import { Step, StepResult } from "../../src/index.ts";
import type { Steps } from "./run-steps.ts";

export type Behaviour = "works" | "fails" | "tolerated" | "skips";

/** A step, or a choice with the steps of its branches inside: a workflow as a person draws it. */
export type Node = Leaf | Fork;

export interface Leaf {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Name of a later node of the same list, where it goes on. */
  readonly jumpTo: string | undefined;
}

export interface Fork {
  readonly name: string;
  readonly holds: boolean;
  readonly then: readonly Node[];
  readonly otherwise: readonly Node[] | undefined;
  /** Whether the branches meet again at what follows; else each of them ends the run, and nothing follows. */
  readonly joins: boolean;
  /** Whether the otherwise branch stands first in the text. */
  readonly otherwiseFirst: boolean;
}

interface Shape {
  readonly behaviour: Behaviour;
  readonly jump: number;
  readonly fork: ForkShape | null;
}

interface ForkShape {
  readonly holds: boolean;
  readonly then: readonly Shape[];
  readonly otherwise: readonly Shape[] | null;
  readonly joins: boolean;
  readonly otherwiseFirst: boolean;
}

/** Lists of up to four nodes, nested up to four deep. */
export const tree: fc.Arbitrary<readonly Node[]> = fc
  .letrec<{ list: readonly Shape[]; node: Shape; fork: ForkShape }>((tie) => ({
    list: fc.array(tie("node"), { minLength: 1, maxLength: 4 }),
    node: fc.record({
      behaviour: fc.oneof(
        { weight: 12, arbitrary: fc.constant<Behaviour>("works") },
        fc.constantFrom<Behaviour>("fails", "tolerated", "skips"),
      ),
      jump: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 3 })),
      fork: fc.option(tie("fork"), { maxDepth: 4, depthIdentifier: "fork", freq: 2 }),
    }),
    fork: fc.record({
      holds: fc.boolean(),
      then: tie("list"),
      otherwise: fc.option(tie("list"), { freq: 2 }),
      joins: fc.boolean(),
      otherwiseFirst: fc.boolean(),
    }),
  }))
  .list.map((shapes) => nodesOf(shapes, false, { next: 1 }));

/** @param meets whether the end of the list goes on somewhere */
function nodesOf(shapes: readonly Shape[], meets: boolean, counter: { next: number }): readonly Node[] {
  const drawn = withoutTail(shapes, meets);
  const names = drawn.map(() => `s${counter.next++}`);
  return drawn.map(({ behaviour, jump, fork }, index): Node => {
    const name = names[index] ?? "";
    if (fork === null) return { name, behaviour, jumpTo: jump === 0 ? undefined : names[index + jump] };
    const { holds, otherwiseFirst } = fork;
    const joins = fork.joins && (index < drawn.length - 1 || meets);
    const then = nodesOf(fork.then, joins, counter);
    const otherwise = fork.otherwise === null ? undefined : nodesOf(fork.otherwise, joins, counter);
    return { name, holds, then, otherwise, joins, otherwiseFirst };
  });
}

/** Without a join the last branch of a choice reaches to the end (design 4.3): what follows the choice belongs to that branch. */
function withoutTail(shapes: readonly Shape[], meets: boolean): readonly Shape[] {
  const index = shapes.findIndex(({ fork }, at) => fork !== null && !(fork.joins && (at < shapes.length - 1 || meets)));
  const shape = shapes[index];
  if (shape === undefined || shape.fork === null) return shapes;
  const { fork } = shape;
  const tail = shapes.slice(index + 1);
  const longer =
    fork.otherwise === null || fork.otherwiseFirst
      ? { ...fork, then: [...fork.then, ...tail] }
      : { ...fork, otherwise: [...fork.otherwise, ...tail] };
  return [...shapes.slice(0, index), { ...shape, fork: { ...longer, joins: false } }];
}

/** The branches of a choice in the order in which they stand in the text. */
function branchesOf({ then, otherwise, otherwiseFirst }: Fork): readonly (readonly Node[])[] {
  if (otherwise === undefined) return [then];
  return otherwiseFirst ? [otherwise, then] : [then, otherwise];
}

/**
 * The same as the flat list of steps that is a workflow.
 * @param after name of the step at which the list's end goes on, if any
 */
export function stepsOf(nodes: readonly Node[], after?: string): Steps {
  return nodes.flatMap((node, index) => {
    if (!("holds" in node)) return [leafStep(node)];
    const join = node.joins ? (nodes[index + 1]?.name ?? after) : undefined;
    const targets = {
      then: node.then[0]?.name ?? "",
      ...(node.otherwise?.[0] === undefined ? {} : { otherwise: node.otherwise[0].name }),
      ...(join === undefined ? {} : { join }),
    };
    const branches = branchesOf(node).flatMap((branch) => stepsOf(branch, join));
    return [Step.choice(node.name, { when: () => node.holds, ...targets }), ...branches];
  });
}

function leafStep({ name, behaviour, jumpTo }: Leaf): Steps[number] {
  const options = jumpTo === undefined ? {} : { next: jumpTo };
  if (behaviour === "works") return Step.lambda(name, () => StepResult.ok({ done: name }, options));
  if (behaviour === "skips") return Step.lambda(name, () => StepResult.skip("nothing to do", options));
  return Step.lambda(name, () => StepResult.fail("no", options), {
    onError: behaviour === "tolerated" ? "continue" : "stop",
  });
}
