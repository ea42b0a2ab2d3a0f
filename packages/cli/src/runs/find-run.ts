import { type ListRuns, orThrow, type RunHistory, type RunRecord } from "@spine/core";
import { findById } from "../input/find-by-id.ts";

const pageSize = 200;
/** How far back a shortened id is looked for: 20,000 runs. */
const maxPages = 100;

/** Runs newest first, page by page, as far as somebody asks. */
export async function* runPages(
  history: RunHistory,
  filter: Omit<ListRuns, "limit"> = {},
): AsyncGenerator<readonly RunRecord[]> {
  let { before } = filter;
  for (let page = 0; page < maxPages; page += 1) {
    const runs = await orThrow(history.list({ ...filter, before, limit: pageSize }));
    yield runs;
    before = runs.at(-1)?.runId;
    if (runs.length < pageSize) return;
  }
}

/** The run that a whole or shortened id names. Throws `RUN_NOT_FOUND`. */
export function findRun(history: RunHistory, id: string): Promise<RunRecord> {
  return findById<RunRecord>(id, {
    noun: "run",
    prefix: "run",
    code: "RUN_NOT_FOUND",
    idOf: ({ runId }) => runId,
    get: async (runId) => orThrow(history.get({ runId })),
    pages: () => runPages(history),
    // A beginning that fits a run fits its child runs too.
    isPreferred: ({ parentRunId }) => parentRunId === undefined,
  });
}
