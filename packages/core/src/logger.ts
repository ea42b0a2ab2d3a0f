/** Facts of a log line: JSON values, never secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where spine and its pipelines write what they do. pino fits as it is (`@spine/core/pino`). */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each line. */
  child(fields: LogFields): Logger;
}

/** Writes nothing; the default, as a library should be quiet. */
export const silentLogger: Logger = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
});
