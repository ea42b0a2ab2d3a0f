import { Step, StepResult } from "../../src/index.ts";

/** A step that fails until it is mended. */
export function breakable(name: string, options: Parameters<typeof Step.lambda>[2] = {}) {
  const state = { mended: false, begun: [] as string[] };
  const note = (step: string): void => void state.begun.push(step);
  const step = Step.lambda(
    name,
    () => {
      note(name);
      return state.mended ? { done: name } : StepResult.fail(`${name} is broken`);
    },
    options,
  );
  return { state, note, step };
}
