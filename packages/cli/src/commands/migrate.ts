import type { Command } from "../command.ts";
import { createMigrationLog } from "../config/migration-log.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { withStore } from "../session.ts";

/** `spine migrate`: brings the store up to date, which opening it does. */
export const migrate: Command = (invocation) => {
  const log = createMigrationLog();
  return withStore(
    invocation,
    async ({ kind, location }) => ({
      exitCode: EXIT_CODES.DONE,
      document: { store: { kind, location }, applied: log.applied },
      lines:
        log.applied.length === 0
          ? [`${location} is up to date.`]
          : [`${location} was brought up to date:`, ...log.applied.map((name) => `  ${name}`)],
    }),
    { logger: log },
  );
};
