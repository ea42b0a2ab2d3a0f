import { type CommandEntry, type CommandGroup, type CommandOption, decisionOptions, limitOption } from "./entry.ts";

const slotFilters: readonly CommandOption[] = [
  { flags: "--domain <domain>", summary: "only of this domain" },
  { flags: "--partition <partition>", summary: "only of this partition" },
];

const captures: CommandGroup = {
  name: "captures",
  summary: "the ledger of captures: what there is, since when, and who may see it",
  commands: [
    {
      name: "list",
      usage: "",
      summary: "list captures, newest first",
      options: [
        ...slotFilters,
        { flags: "--stage <stage>", summary: "only of this stage" },
        { flags: "--tier <tier>", summary: "only of this tier: BRONZE, SILVER, GOLD" },
        { flags: "--status <status>", summary: "only these: RUNNING, COMPLETE, FAILED, UNCHANGED" },
        { flags: "--gate <decision>", summary: "only these: PASS, WARN, QUARANTINE, BLOCK" },
        { flags: "--stale", summary: "only those computed from what was restated since" },
        { flags: "--run <run>", summary: "only those of this run" },
        limitOption,
        { flags: "--before <capture>", summary: "only captures started before this one" },
      ],
      examples: ["spine captures --domain finra.otc --stage INGEST", "spine captures --gate block"],
      load: async () => (await import("../commands/captures-list.ts")).capturesList,
    },
    {
      name: "show",
      usage: "<capture>",
      summary: "show everything that is known of a capture; a unique beginning or end of its id will do",
      load: async () => (await import("../commands/captures-show.ts")).capturesShow,
    },
    {
      name: "resolve",
      usage: "<domain> <partition> <stage>",
      summary: "show the capture that readers get, now or as of an instant",
      options: [
        { flags: "--as-of <instant>", summary: "what they got then: 2025-12-20T00:00:00Z" },
        { flags: "--clock <clock>", summary: "by which clock: available (default), captured, published" },
        { flags: "--tier <tier>", summary: "only of this tier" },
      ],
      examples: ["spine captures resolve finra.otc 2025-11-14 NORMALIZE --as-of 2025-12-20T00:00:00Z"],
      load: async () => (await import("../commands/captures-resolve.ts")).capturesResolve,
    },
    {
      name: "release",
      usage: "<capture>",
      summary: "show readers a capture that its gate holds back",
      options: decisionOptions,
      load: async () => (await import("../commands/captures-release.ts")).capturesRelease,
    },
    {
      name: "sweep",
      usage: "",
      summary: "remove the rows of captures that failed or turned out unchanged",
      load: async () => (await import("../commands/captures-sweep.ts")).capturesSweep,
    },
  ],
};

const anomalies: CommandGroup = {
  name: "anomalies",
  summary: "recorded problems of the data, and what was decided about them",
  commands: [
    {
      name: "list",
      usage: "",
      summary: "list anomalies, newest first",
      options: [
        ...slotFilters,
        { flags: "--capture <capture>", summary: "only of this capture" },
        { flags: "--run <run>", summary: "only those of this run" },
        {
          flags: "--status <status>",
          summary: "only these: OPEN, ACKNOWLEDGED, RESOLVED, ACCEPTED",
          repeatable: true,
        },
        { flags: "--severity <severity>", summary: "only these: DEBUG, INFO, WARNING, ERROR, CRITICAL" },
        limitOption,
      ],
      load: async () => (await import("../commands/anomalies-list.ts")).anomaliesList,
    },
    {
      name: "show",
      usage: "<anomaly>",
      summary: "show an anomaly and what was decided about it",
      load: async () => (await import("../commands/anomalies-show.ts")).anomaliesShow,
    },
    anomalyChange("ack", "say that somebody looks at an anomaly"),
    anomalyChange("resolve", "say that an anomaly is repaired"),
    anomalyChange("accept", "say that an anomaly is right as it is"),
    anomalyChange("reopen", "take back what was said of an anomaly"),
  ],
};

/** The ledger and what hangs on it. */
export const captureEntries: readonly (CommandEntry | CommandGroup)[] = [
  captures,
  {
    name: "lineage",
    usage: "<capture>",
    summary: "show what a capture was computed from, or what was computed from it",
    options: [
      { flags: "--down", summary: "what was computed from it" },
      { flags: "--depth <levels>", summary: "how far (default: as far as it goes)" },
    ],
    load: async () => (await import("../commands/lineage.ts")).lineage,
  },
  {
    name: "diff",
    usage: "<before> <after>",
    summary: "show which rows two captures do not share",
    options: [
      { flags: "--table <table>", summary: "only this table" },
      { flags: "--limit <count>", summary: "how many rows of each kind (default: 20)" },
    ],
    examples: ["spine diff k3vq8z1p 7h2k9qzc"],
    load: async () => (await import("../commands/diff.ts")).diff,
  },
  anomalies,
  {
    name: "retention",
    usage: "",
    summary: "show which rows the retention rules would remove; the ledger stays",
    options: [{ flags: "--apply", summary: "remove them" }, limitOption],
    load: async () => (await import("../commands/retention.ts")).retention,
  },
];

function anomalyChange(name: "ack" | "resolve" | "accept" | "reopen", summary: string): CommandEntry {
  return {
    name,
    usage: "<anomaly>",
    summary,
    options: decisionOptions,
    load: async () => (await import("../commands/anomaly-change.ts")).anomalyChange(name),
  };
}
