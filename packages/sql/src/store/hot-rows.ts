import type { NewEvent, StepSettlement, StepStart, Transition } from "@spine/core";
import { jsonText, plainText } from "../codecs.ts";
import { holdAttempts } from "./held-attempts.ts";

/** The rows of a statement's tables, each table as the JSON text of an array; `n` says which run a row belongs to. */
export interface HotRows {
  readonly runs: string;
  readonly steps: string;
  readonly attempts: string;
  readonly events: string;
}

type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Rows by what must not come twice in one statement. JSON inside a row is text, as PostgreSQL would unescape it on the way. */
interface Tables {
  readonly steps: Map<string, Row>;
  readonly attempts: Map<string, Row>;
  readonly events: Row[];
}

/** Transitions of one owner of a run become one; where two of them touch a step, the later one says how it stands. */
export function transitionRows(transitions: readonly Transition[]): HotRows {
  const numbers = new Map<string, number>();
  const runs: Row[] = [];
  const tables = newTables();
  for (const transition of transitions) {
    const key = `${transition.runId} ${transition.fence} ${transition.owner}`;
    const n = numbers.get(key) ?? numbers.size;
    numbers.set(key, n);
    runs[n] = runRow(n, transition);
    const held = holdAttempts(transition);
    for (const { step, attempt, status, durationMs, error } of held.others) {
      const row = { n, step, attempt, status, duration_ms: durationMs, error: jsonText(error) };
      tables.attempts.set(`${n} ${attempt} ${step}`, row);
    }
    for (const settlement of transition.settled) addSettlement(tables, n, settlement, held.holds(settlement));
    for (const start of transition.started) addStart(tables, n, start);
    for (const event of transition.events) addEvent(tables, n, event);
  }
  return { runs: JSON.stringify(runs), ...texts(tables) };
}

/** The first steps and events of a run that is being created, which is number 0. */
export function createRows(started: readonly StepStart[], events: readonly NewEvent[]): Omit<HotRows, "runs"> {
  const tables = newTables();
  for (const start of started) addStart(tables, 0, start);
  for (const event of events) addEvent(tables, 0, event);
  return texts(tables);
}

function newTables(): Tables {
  return { steps: new Map(), attempts: new Map(), events: [] };
}

function texts({ steps, attempts, events }: Tables): Omit<HotRows, "runs"> {
  return {
    steps: JSON.stringify([...steps.values()]),
    attempts: JSON.stringify([...attempts.values()]),
    events: JSON.stringify(events),
  };
}

function runRow(n: number, { runId, owner, fence, counts, end }: Transition): Row {
  return {
    n,
    run_id: runId,
    owner,
    fence,
    total: counts.total,
    completed: counts.completed,
    failed: counts.failed,
    skipped: counts.skipped,
    ...(end === undefined
      ? {}
      : {
          status: end.status,
          duration_ms: end.durationMs,
          error: jsonText(end.error),
          error_category: end.error?.category,
          error_step: end.errorStep,
        }),
  };
}

function addSettlement({ steps }: Tables, n: number, settlement: StepSettlement, holdsAttempt: boolean): void {
  const { step, kind, position, status, attempt } = settlement;
  const key = `${n} ${step}`;
  steps.set(key, {
    n,
    step,
    kind,
    position,
    status,
    attempt,
    begun: steps.get(key)?.["begun"] === true,
    duration_ms: settlement.durationMs,
    output: jsonText(settlement.output),
    updates: jsonText(settlement.updates),
    error: jsonText(settlement.error),
    reason: plainText(settlement.reason),
    quality: jsonText(settlement.quality),
    next_step: settlement.next,
    settle_order: settlement.order,
    holds_attempt: holdsAttempt,
  });
}

function addStart({ steps }: Tables, n: number, { step, kind, position, attempt }: StepStart): void {
  steps.set(`${n} ${step}`, { n, step, kind, position, status: "RUNNING", attempt, begun: true, holds_attempt: false });
}

function addEvent({ events }: Tables, n: number, { step, type, payload }: NewEvent): void {
  events.push({ n, i: events.length, step, type, payload: JSON.stringify(payload) });
}
