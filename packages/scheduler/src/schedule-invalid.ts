import { ConfigError, type ErrorContext } from "@spine/core";

/** What every mistake in a schedule fails with. */
export function scheduleInvalid(message: string, context: ErrorContext = {}, cause?: unknown): ConfigError {
  return new ConfigError(message, { code: "SCHEDULE_INVALID", context, cause });
}
