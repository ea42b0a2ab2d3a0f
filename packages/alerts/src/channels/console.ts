import { styleText } from "node:util";
import { SpineError, tryAsync } from "@spine/core";
import type { Alert, AlertSeverity } from "../alert.ts";
import type { AlertChannel } from "../channel.ts";

export interface ConsoleChannelOptions {
  /** @defaultValue console */
  readonly name?: string;
  /** @defaultValue INFO */
  readonly minSeverity?: AlertSeverity;
  readonly domains?: readonly string[];
  /** Where lines go. @defaultValue standard error */
  readonly stream?: Pick<NodeJS.WriteStream, "write"> & { readonly isTTY?: boolean };
  /** @defaultValue whether the stream is a terminal and NO_COLOR is unset */
  readonly color?: boolean;
}

const colors = { INFO: "cyan", WARNING: "yellow", ERROR: "red", CRITICAL: "magenta" } as const;

/** Writes alerts to a terminal or a log, one line and an indented message each. */
export function consoleChannel(options: ConsoleChannelOptions = {}): AlertChannel<string> {
  const { name = "console", stream = process.stderr } = options;
  const color = options.color ?? (stream.isTTY === true && process.env["NO_COLOR"] === undefined);
  return Object.freeze({
    name,
    type: "console",
    minSeverity: options.minSeverity ?? "INFO",
    domains: options.domains,
    render: (alert: Alert) => renderAlert(alert, color),
    send: (text: string) =>
      tryAsync(
        () =>
          new Promise<{ channel: string; providerId: undefined }>((resolve, reject) => {
            stream.write(text, (thrown?: Error | null) => {
              if (thrown === undefined || thrown === null) resolve({ channel: name, providerId: undefined });
              else reject(thrown);
            });
          }),
        (thrown) =>
          new SpineError("ALERT_DELIVERY_FAILED", `Channel "${name}" could not write to its stream.`, {
            cause: thrown,
          }),
      ),
  });
}

/** `2025-12-20T00:00:00.000Z ERROR [finra.otc] Ingest failed (finra.otc.ingest_week)`, then the message. */
function renderAlert(alert: Alert, color: boolean): string {
  const label = alert.status === "resolved" ? `RESOLVED ${alert.severity}` : alert.severity;
  const severity = color
    ? styleText(alert.status === "resolved" ? "green" : colors[alert.severity], label, { validateStream: false })
    : label;
  const domain = alert.domain === undefined ? "" : ` [${oneLine(alert.domain)}]`;
  const facts = [...Object.entries(alert.labels), ...Object.entries(alert.links)].map(
    ([key, value]) => `    ${oneLine(key)}: ${oneLine(value)}`,
  );
  const run = alert.runId === undefined ? [] : [`    run: ${oneLine(alert.runId)}`];
  const message = alert.message.split("\n").map((line) => `  ${printable(line)}`);
  return [
    `${alert.createdAt} ${severity}${domain} ${oneLine(alert.title)} (${oneLine(alert.source)})`,
    ...message,
    ...run,
    ...facts,
    "",
  ].join("\n");
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*[\r\n]+\s*/g, " "));
}

/** Text from data may hold escape sequences, which a terminal would obey. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this removes
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, "\uFFFD");
}
