import type { LogFields, Logger } from "@spine/core";
import { oneLine } from "../output/style.ts";
import { valueText } from "../output/format.ts";
import type { Progress } from "./progress.ts";

/** A logger whose lines appear among the progress: warnings and errors, with `verbose` everything and its facts. */
export function logToProgress(progress: Pick<Progress, "note">, options: { readonly verbose: boolean }): Logger {
  return loggerWith({});

  function loggerWith(own: LogFields): Logger {
    const write = (level: string) => (message: string, fields?: LogFields) => {
      const { step, ...facts } = { ...own, ...fields };
      const where = typeof step === "string" ? `${step}: ` : "";
      const rest = options.verbose ? Object.entries(facts).map(([name, value]) => ` ${name}=${valueText(value)}`) : [];
      progress.note(oneLine(`${where}${level}: ${message}${rest.join("")}`));
    };
    const quiet = (): void => undefined;
    return Object.freeze({
      debug: options.verbose ? write("debug") : quiet,
      info: options.verbose ? write("info") : quiet,
      warn: write("warning"),
      error: write("error"),
      child: (fields: LogFields) => loggerWith({ ...own, ...fields }),
    });
  }
}
