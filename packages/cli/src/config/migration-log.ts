import type { LogFields, Logger } from "@spine/core";

/** Notes which migrations a store applies while it opens: a store's provider tells that to its logger only. */
export interface MigrationLog extends Logger {
  /** `spine 0001-foundation`, in the order of application. */
  readonly applied: readonly string[];
}

export function createMigrationLog(): MigrationLog {
  const applied: string[] = [];
  const note = (_message: string, fields?: LogFields): void => {
    const { owner, migration } = fields ?? {};
    if (typeof owner === "string" && typeof migration === "string") applied.push(`${owner} ${migration}`);
  };
  const quiet = (): void => undefined;
  const log: MigrationLog = { applied, debug: quiet, info: note, warn: quiet, error: quiet, child: () => log };
  return log;
}
