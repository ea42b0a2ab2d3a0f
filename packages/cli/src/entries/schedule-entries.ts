import { type CommandEntry, type CommandGroup, limitOption } from "./entry.ts";

const schedule: CommandGroup = {
  name: "schedule",
  summary: "see and steer what fires by itself",
  commands: [
    {
      name: "list",
      usage: "",
      summary: "list schedules and when each is due next",
      options: [{ flags: "--all", summary: "also those that were taken away" }],
      load: async () => (await import("../commands/schedule-list.ts")).scheduleList,
    },
    {
      name: "next",
      usage: "<schedule>",
      summary: "show the instants to come",
      options: [
        { flags: "--count <count>", summary: "how many (default: 5)" },
        { flags: "--after <instant>", summary: "from then on (default: now)" },
      ],
      load: async () => (await import("../commands/schedule-next.ts")).scheduleNext,
    },
    {
      name: "run-now",
      usage: "<schedule>",
      summary: "fire once now, whatever the schedule says",
      load: async () => (await import("../commands/schedule-run-now.ts")).scheduleRunNow,
    },
    {
      name: "pause",
      usage: "<schedule>",
      summary: "skip its instants, each with a row that says so",
      options: [
        { flags: "--reason <text>", summary: "why, for whoever reads it later", required: true },
        { flags: "--by <name>", summary: "who decides (default: the user of this machine)" },
      ],
      load: async () => (await import("../commands/schedule-change.ts")).schedulePause,
    },
    {
      name: "resume",
      usage: "<schedule>",
      summary: "go on with the next instant",
      load: async () => (await import("../commands/schedule-change.ts")).scheduleResume,
    },
    {
      name: "history",
      usage: "[schedule]",
      summary: "list what became of each instant, run or not, and why",
      options: [
        {
          flags: "--status <status>",
          summary: "only these: PENDING, BUFFERED, STARTED, COMPLETED, PARTIAL, FAILED, CANCELLED, SKIPPED",
        },
        limitOption,
      ],
      load: async () => (await import("../commands/schedule-history.ts")).scheduleHistory,
    },
  ],
};

/** What happens by itself. */
export const scheduleEntries: readonly (CommandEntry | CommandGroup)[] = [
  schedule,
  {
    name: "serve",
    usage: "",
    summary: "fire schedules and pick up what dead processes left, until Ctrl-C",
    options: [{ flags: "--port <port>", summary: "answer GET /health there, on loopback (0: any free one)" }],
    examples: ["spine serve --port 8080"],
    load: async () => (await import("../commands/serve.ts")).serve,
  },
];
