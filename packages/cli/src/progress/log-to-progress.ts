import type { LogFields, Logger } from "@spine/core";
import { oneLine } from "../output/style.ts";
import { valueText } from "../output/format.ts";
import type { Progress } from "./progress.ts";

/** A logger whose lines appear among the progress: warnings and errors, with `verbose` everything. */
export function logToProgress(progress: Pick<Progress, "note">, options: { readonly verbose: boolean }): Logger {
  return loggerWith({});

  function loggerWith(own: LogFields): Logger {
    const write = (level: string) => (message: string, fields?: LogFields) => {
      const facts = Object.entries({ ...own, ...fields }).map(([name, value]) => `${name}=${valueText(value)}`);
      progress.note(oneLine([`${level}:`, message, ...facts].join(" ")));
    };
    const quiet = (): void => undefined;
    return Object.freeze({
      debug: options.verbose ? write("debug") : quiet,
      info: options.verbose ? write("info") : quiet,
      warn: write("warn"),
      error: write("error"),
      child: (fields: LogFields) => loggerWith({ ...own, ...fields }),
    });
  }
}
