import type { LogFields, Logger } from "@spine/core";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** The line's own fields over those of the loggers it comes from. */
  readonly fields: LogFields;
}

/** A logger that keeps what is written to it and to its children. */
export interface CapturingLogger extends Logger {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
}

export function capturingLogger(): CapturingLogger {
  const lines: LogLine[] = [];
  return Object.freeze({ ...loggerInto(lines, {}), lines });
}

function loggerInto(lines: LogLine[], inherited: LogFields): Logger {
  const write =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push(Object.freeze({ level, message, fields: Object.freeze({ ...inherited, ...fields }) }));
    };
  return Object.freeze({
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields: LogFields) => loggerInto(lines, { ...inherited, ...fields }),
  });
}
