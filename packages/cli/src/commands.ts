import { captureEntries } from "./entries/capture-entries.ts";
import type { CommandEntry, CommandGroup } from "./entries/entry.ts";
import { expectationEntries } from "./entries/expectation-entries.ts";
import { initEntry, storeEntries } from "./entries/project-entries.ts";
import { runEntries } from "./entries/run-entries.ts";

/** All commands, in the order of the help. */
export const commandEntries: readonly (CommandEntry | CommandGroup)[] = [
  initEntry,
  ...runEntries,
  ...captureEntries,
  ...expectationEntries,
  ...storeEntries,
];
