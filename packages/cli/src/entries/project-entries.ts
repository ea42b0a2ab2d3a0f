import type { CommandEntry } from "./entry.ts";

/** A project as such: its beginning, its store, its health. */
export const initEntry: CommandEntry = {
  name: "init",
  usage: "[folder]",
  summary: "make a project with an example that runs",
  load: async () => (await import("../commands/init.ts")).init,
};

export const storeEntries: readonly CommandEntry[] = [
  {
    name: "migrate",
    usage: "",
    summary: "bring the store up to date",
    load: async () => (await import("../commands/migrate.ts")).migrate,
  },
  {
    name: "doctor",
    usage: "",
    summary: "look for what keeps the project or its data from working, and say what to do",
    load: async () => (await import("../commands/doctor.ts")).doctor,
  },
];
