import type { BenchCase } from "./bench.ts";

/** Every case, by name. Loaded one at a time, as each runs in its own process. */
export const cases: Readonly<Record<string, () => Promise<BenchCase>>> = {
  "workflow-step": async () => (await import("./cases/workflow-step.ts")).workflowStep,
  planning: async () => (await import("./cases/planning.ts")).planning,
  start: async () => (await import("./cases/start.ts")).start,
  resume: async () => (await import("./cases/resume.ts")).resume,
  "sqlite-steps": async () => (await import("./cases/sqlite-steps.ts")).sqliteSteps,
  "postgres-steps": async () => (await import("./cases/postgres-steps.ts")).postgresSteps,
  captures: async () => (await import("./cases/captures.ts")).captureLedger,
  "captures-postgres": async () => (await import("./cases/captures-postgres.ts")).captureLedgerPostgres,
  "file-source": async () => (await import("./cases/file-source.ts")).fileSourceRows,
  "source-formats": async () => (await import("./cases/source-formats.ts")).sourceFormats,
  "stream-memory": async () => (await import("./cases/stream-memory.ts")).streamMemory,
};
