import { type CommandEntry, type CommandGroup, type CommandOption, limitOption } from "./entry.ts";
import { params } from "./run-entries.ts";

const range: readonly CommandOption[] = [
  { flags: "--from <date>", summary: "first business date (default: where the expectation starts)" },
  { flags: "--to <date>", summary: "last business date (default: today)" },
];

const author: CommandOption = { flags: "--by <name>", summary: "who decides (default: the user of this machine)" };

const stage: CommandOption = { flags: "--stage <stage>", summary: "only this stage (default: all of the expectation)" };

const backfillOptions: readonly CommandOption[] = [
  { flags: "--mode <mode>", summary: "which partitions: missing (default), failed, stale, all" },
  ...range,
  { flags: "--direction <direction>", summary: "oldest first: forward (default), or backward" },
  { flags: "--protect <partition>", summary: "leave this one alone", repeatable: true },
  ...params,
];

const creation: readonly CommandOption[] = [
  { flags: "--reason <text>", summary: "why, for whoever reads it later", required: true },
  { flags: "--max-parallel <count>", summary: "how many partitions at once, over all processes (default: 1)" },
  author,
];

const verbose: CommandOption = { flags: "--verbose", summary: "show what pipelines log" };

const backfill: CommandGroup = {
  name: "backfill",
  summary: "fill partitions that are missing, failed or stale, durably",
  commands: [
    {
      name: "list",
      usage: "",
      summary: "list backfills, newest first",
      options: [
        {
          flags: "--status <status>",
          summary: "only these: PLANNED, RUNNING, PAUSED, COMPLETED, PARTIAL, FAILED, CANCELLED",
        },
        limitOption,
      ],
      load: async () => (await import("../commands/backfill-list.ts")).backfillList,
    },
    {
      name: "plan",
      usage: "<expectation>",
      summary: "show what a backfill would do and what it would leave alone; nothing is written",
      options: [...backfillOptions, limitOption],
      examples: ["spine backfill plan finra.otc.weekly --mode stale"],
      load: async () => (await import("../commands/backfill-plan.ts")).backfillPlan,
    },
    {
      name: "create",
      usage: "<expectation>",
      summary: "freeze the plan of a backfill",
      options: [...backfillOptions, ...creation, { flags: "--run", summary: "and work it off at once" }, verbose],
      examples: ['spine backfill create finra.otc.weekly --mode missing --reason "new venue" --run'],
      load: async () => (await import("../commands/backfill-create.ts")).backfillCreate,
    },
    {
      name: "run",
      usage: "<backfill>",
      summary: "work off a backfill, or go on with one that stopped",
      options: [verbose],
      load: async () => (await import("../commands/backfill-run.ts")).backfillRun,
    },
    {
      name: "show",
      usage: "<backfill>",
      summary: "show a backfill and its partitions",
      options: [
        {
          flags: "--status <status>",
          summary: "only partitions that are PENDING, RUNNING, COMPLETED, SKIPPED, FAILED, CANCELLED",
        },
        limitOption,
        { flags: "--after <position>", summary: "only partitions behind this place in the order" },
      ],
      load: async () => (await import("../commands/backfill-show.ts")).backfillShow,
    },
    backfillChange("pause", "begin no further partition; those that run go on to their end"),
    {
      name: "resume",
      usage: "<backfill>",
      summary: "go on with a backfill that was paused or whose process died; same as run",
      options: [verbose],
      load: async () => (await import("../commands/backfill-run.ts")).backfillRun,
    },
    backfillChange("cancel", "never begin what has not begun; what runs goes on to its end"),
    {
      name: "retry-failed",
      usage: "<backfill>",
      summary: "make the failed partitions of an ended backfill pending again",
      options: [{ flags: "--run", summary: "and work them off at once" }, verbose],
      load: async () => (await import("../commands/backfill-retry.ts")).backfillRetry,
    },
  ],
};

/** What should exist, what does, and how it comes to. */
export const expectationEntries: readonly (CommandEntry | CommandGroup)[] = [
  {
    name: "gaps",
    usage: "[expectation]",
    summary: "list partitions that are expected and not there, and the command that repairs it",
    options: [{ flags: "--all", summary: "of all expectations" }, ...range, limitOption],
    examples: ["spine gaps finra.otc.weekly --from 2025-11-01", "spine gaps --all"],
    load: async () => (await import("../commands/gaps.ts")).gaps,
  },
  {
    name: "accept-gap",
    usage: "<expectation> <partition>",
    summary: "say that a partition is absent and need not come",
    options: [{ flags: "--reason <text>", summary: "why", required: true }, author, stage],
    load: async () => (await import("../commands/accept-gap.ts")).acceptGap,
  },
  {
    name: "withdraw-gap",
    usage: "<expectation> <partition>",
    summary: "take back that a partition need not come",
    options: [stage],
    load: async () => (await import("../commands/accept-gap.ts")).withdrawGap,
  },
  {
    name: "readiness",
    usage: "<expectation> <partition>",
    summary: "say whether a partition may be used, and what is against it",
    options: [{ flags: "--certify", summary: "keep the certificate" }],
    load: async () => (await import("../commands/readiness.ts")).readiness,
  },
  backfill,
];

function backfillChange(name: "pause" | "cancel", summary: string): CommandEntry {
  return {
    name,
    usage: "<backfill>",
    summary,
    load: async () => (await import("../commands/backfill-change.ts")).backfillChange(name),
  };
}
