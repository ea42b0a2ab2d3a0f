import { type ListRuns, orThrow, OrchestrationError, type RunHistory, type RunRecord } from "@spine/core";

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

/**
 * The run that an id names, whole or shortened to a beginning (with or without `run_`) or an end nobody else has. Throws
 * `RUN_NOT_FOUND`, also when several runs fit; the text names them.
 */
export async function findRun(history: RunHistory, id: string): Promise<RunRecord> {
  const exact = await orThrow(history.get({ runId: id }));
  if (exact !== undefined) return exact;
  const found: RunRecord[] = [];
  if (id !== "") {
    for await (const runs of runPages(history)) found.push(...runs.filter(({ runId }) => fits(runId, id)));
  }
  // A beginning that fits a run fits its child runs too.
  const roots = found.filter(({ parentRunId }) => parentRunId === undefined);
  const candidates = roots.length > 0 ? roots : found;
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  throw only === undefined ? notFound(id) : ambiguous(id, candidates);
}

function fits(runId: string, id: string): boolean {
  return runId.startsWith(id) || runId.startsWith(`run_${id}`) || runId.endsWith(id);
}

function notFound(id: string): OrchestrationError {
  return new OrchestrationError(`No run in this store has the id "${id}".`, {
    code: "RUN_NOT_FOUND",
    context: { runId: id },
  });
}

function ambiguous(id: string, candidates: readonly RunRecord[]): OrchestrationError {
  const names = candidates.slice(0, 5).map(({ runId }) => runId);
  const more = candidates.length > names.length ? ` and ${candidates.length - names.length} more` : "";
  return new OrchestrationError(`"${id}" fits ${candidates.length} runs: ${names.join(", ")}${more}.`, {
    code: "RUN_NOT_FOUND",
    context: { runId: id, candidates: names, remedy: "Give more of the id; its end tells runs apart best." },
  });
}
