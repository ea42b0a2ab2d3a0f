import type { SpineEvent } from "@spine/core";
import type { Invocation } from "../command.ts";
import { styleOf } from "../output/style.ts";
import { createLiveProgress } from "./live-progress.ts";
import { createPlainProgress } from "./plain-progress.ts";

/** Tells people on stderr how a run is going, while it goes. */
export interface Progress {
  tell(event: SpineEvent): void;
  /** A line that stays. */
  note(text: string): void;
  /** Ends it: what changes in place disappears. */
  close(): void;
}

/** Lines in place on a terminal, plain lines elsewhere, nothing with `--json`. */
export function createProgress({ io, json }: Pick<Invocation, "io" | "json">): Progress {
  if (json) return silent;
  const style = styleOf(io.stderr, io.env);
  return style.terminal ? createLiveProgress(io, style) : createPlainProgress(io);
}

const silent: Progress = Object.freeze({ tell: () => undefined, note: () => undefined, close: () => undefined });
