import type { Logger as Pino } from "pino";
import type { LogFields, Logger } from "./logger.ts";

/**
 * A pino logger as spine's {@link Logger}.
 * @example
 * const spine = await orThrow(createSpine({ logger: pinoLogger(pino()) }));
 */
export function pinoLogger(pino: Pino): Logger {
  const write = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: LogFields) => {
    if (fields === undefined) pino[level](message);
    else pino[level](fields, message);
  };
  return Object.freeze({
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields: LogFields) => pinoLogger(pino.child(fields)),
  });
}
