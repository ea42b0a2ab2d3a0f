import { SourceUnavailableError } from "@spine/core";
import type { ProblemSubject } from "../text/read-problem.ts";

export function changedWhileRead(subject: ProblemSubject): SourceUnavailableError {
  const remedy = "Try again when its writer is done, or have it written under another name and renamed.";
  return new SourceUnavailableError(`Could not read ${subject.locator}: it changed while it was read. ${remedy}`, {
    context: { ...subject, remedy },
  });
}
