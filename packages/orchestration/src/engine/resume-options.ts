import type { RunOptions } from "./prepare.ts";

export interface ResumeOptions extends Pick<RunOptions, "signal" | "waitMs"> {
  /**
   * What to do when the definition is not the one the run started with: refuse with `DEFINITION_CHANGED`, or go on with the
   * definition as it is now; steps are told apart by name. @defaultValue refuse
   */
  readonly onDefinitionChange?: "refuse" | "use-current" | undefined;
}

export interface RerunOptions extends Pick<RunOptions, "signal" | "waitMs" | "runId" | "params" | "triggeredBy"> {
  /** The first step that is done anew; what earlier steps left is reused. @defaultValue the first step */
  readonly from?: string | undefined;
}
