import { factsOf, isSpineCode, type SerializedError } from "@spine/core";
import { oneLine } from "./style.ts";

/** Where the command line knows better than the code's summary what to do next. */
const commands: Readonly<Record<string, string>> = {
  COMMAND_INVALID: "See: spine --help",
  RUNNABLE_NOT_FOUND: "See what there is with: spine list",
  WORKFLOW_NOT_FOUND: "See what there is with: spine list workflows",
  GROUP_NOT_FOUND: "See what there is with: spine list groups",
  PIPELINE_NOT_FOUND: "See what there is with: spine list pipelines",
  RUN_NOT_FOUND: "See what there is with: spine runs",
  CAPTURE_NOT_FOUND: "See what there is with: spine captures",
  ANOMALY_NOT_FOUND: "See what there is with: spine anomalies",
  BACKFILL_NOT_FOUND: "See what there is with: spine backfill list",
  EXPECTATION_NOT_FOUND: "See what there is with: spine list expectations",
  RUN_OWNED: "Wait for it; its state is shown by: spine runs --status RUNNING",
  MIGRATIONS_PENDING: "Run: spine migrate",
  CONFIG_MISSING: "Make one with: spine init",
  GROUP_CYCLE: "Remove one of these dependencies.",
  DATABASE_BUSY: "Another process writes to it. Wait for it or end it, then try again.",
};

/** What a person can do about an error: the error's own advice, else the command line's, else the code's. */
export function remedyOf(error: SerializedError): string | undefined {
  const own = error.context?.["remedy"];
  if (typeof own === "string" && own !== "") return own.startsWith("spine ") ? `Run: ${own}` : oneLine(own);
  const command = commands[error.code] ?? planCommand(error);
  if (command !== undefined) return command;
  if (!isSpineCode(error.code)) return causeOf(error);
  const advice = adviceOf(factsOf(error.code).summary);
  return /see the cause/i.test(advice) ? (causeOf(error) ?? advice) : advice;
}

/** Wrong parameters of something that can be planned: the plan shows the right ones. */
function planCommand({ code, context }: SerializedError): string | undefined {
  if (code !== "PARAMS_INVALID") return undefined;
  const name = context?.["workflow"] ?? context?.["group"] ?? context?.["pipeline"];
  return typeof name === "string" ? `See its parameters with: spine plan ${name}` : undefined;
}

/** A summary says what the code means in its first sentence, and what to do in the rest. */
function adviceOf(summary: string): string {
  const end = summary.indexOf(". ");
  return end === -1 ? summary : summary.slice(end + 2);
}

/** What caused it, or where it was thrown when nobody foresaw it. */
function causeOf(error: SerializedError): string | undefined {
  const place = /^\s+at .*?\(?(?:file:\/\/)?(\/[^():]+:\d+):\d+\)?$/m.exec(error.stack ?? "")?.[1];
  if (place !== undefined) return `It was thrown at ${place}.`;
  const cause = error.causes?.find((text) => !text.endsWith(error.message));
  return cause === undefined ? undefined : `Cause: ${oneLine(cause)}`;
}
