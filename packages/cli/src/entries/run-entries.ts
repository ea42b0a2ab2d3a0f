import { type CommandEntry, type CommandOption, limitOption } from "./entry.ts";

export const params: readonly CommandOption[] = [
  {
    flags: "-p, --param <k=v>",
    summary: "a parameter, typed by its schema; k:=json for explicit JSON",
    repeatable: true,
  },
  { flags: "--params-file <file>", summary: "a JSON file with an object of parameters" },
];

const runParams: readonly CommandOption[] = [...params, { flags: "--force", summary: "same as --param force=true" }];

/** Running things, and the history of that. */
export const runEntries: readonly CommandEntry[] = [
  {
    name: "run",
    usage: "<name> [params...]",
    summary: "run a workflow, group or pipeline",
    options: [
      ...runParams,
      { flags: "--partition <partition>", summary: "which slice of the data the run is about" },
      { flags: "--as-of <instant>", summary: "read the world as it was then: 2025-12-20T00:00:00Z" },
      { flags: "--batch <id>", summary: "one id for all runs of a batch" },
      { flags: "--dry-run", summary: "perform no pipeline and record nothing" },
      { flags: "--verbose", summary: "show what pipelines log" },
    ],
    examples: [
      "spine run finra.weekly_refresh --param week=2025-11-14 --param file=otc.csv",
      "spine run prices.daily symbol=ACME days:=5",
    ],
    load: async () => (await import("../commands/run.ts")).run,
  },
  {
    name: "plan",
    usage: "<name> [params...]",
    summary: "show what a run would do, in which order, and its parameters",
    options: runParams,
    load: async () => (await import("../commands/plan.ts")).plan,
  },
  {
    name: "list",
    usage: "[kind]",
    summary: "list workflows, groups, pipelines, expectations or plugins",
    load: async () => (await import("../commands/list.ts")).list,
  },
  {
    name: "runs",
    usage: "",
    summary: "list runs, newest first",
    options: [
      {
        flags: "--status <status>",
        summary: "only these: RUNNING, INTERRUPTED, COMPLETED, PARTIAL, FAILED, CANCELLED",
      },
      { flags: "--name <name>", summary: "only runs of this workflow, group or pipeline" },
      limitOption,
      { flags: "--before <run>", summary: "only runs older than this one" },
      { flags: "--children", summary: "also runs that other runs started" },
    ],
    load: async () => (await import("../commands/runs.ts")).runs,
  },
  {
    name: "show",
    usage: "<run>",
    summary: "show everything that is known of a run; a unique beginning or end of its id will do",
    load: async () => (await import("../commands/show.ts")).show,
  },
  {
    name: "resume",
    usage: "<run>",
    summary: "go on with a run that was interrupted, failed or was cancelled",
    options: [{ flags: "--verbose", summary: "show what pipelines log" }],
    load: async () => (await import("../commands/resume.ts")).resume,
  },
];
