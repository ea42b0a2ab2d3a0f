import {
  type CheckpointResult,
  DatabaseError,
  type Instant,
  type NewEvent,
  ok,
  type SqlValue,
  type StepSettlement,
  type StepStart,
  type Transition,
} from "@spine/core";
import { jsonText, plainText } from "../codecs.ts";
import type { Batch, SyncStatements } from "../engine.ts";
import { holdAttempts } from "./held-attempts.ts";
import { earlier } from "./history-rows.ts";
import { buildHotStatements } from "./hot-script-sql.ts";
import type { HotOptions, HotWrites } from "./hot.ts";
import { newRunRow, runColumns } from "./run-rows.ts";

/**
 * The hot writes as synchronous statements inside one immediate transaction (design 4.12). The fence is a read: with the write lock
 * held nobody can change the run between it and the commit, and a run's row, parameters included, is not rewritten at each step.
 */
export function createHotScript({ engine, db, now }: HotOptions): HotWrites {
  const statements = buildHotStatements(db);

  function keep(connection: SyncStatements, transition: Transition, at: Instant): boolean {
    const { runId, owner, fence, counts, end } = transition;
    const found = connection.first(statements.fence, [runId, owner, fence]);
    if (found === undefined) return false;
    const held = holdAttempts(transition);
    for (const { step, attempt, status, durationMs, error } of held.others) {
      const startedAt = earlier(at, durationMs);
      const key = [runId, step];
      connection.run(statements.attempt, [...key, attempt, status, ...key, startedAt, at, durationMs, jsonText(error)]);
    }
    for (const settlement of transition.settled) {
      connection.run(statements.step, settledStep(runId, settlement, held.holds(settlement), at));
    }
    for (const start of transition.started) connection.run(statements.step, startedStep(runId, start, at));
    for (const event of transition.events) connection.run(statements.event, newEvent(runId, event, at));
    if (end !== undefined) connection.run(statements.end, endOfRun(transition, end, at));
    else if (found[0] !== counts.total) connection.run(statements.total, [counts.total, runId]);
    return true;
  }

  return {
    async create({ run, started, events }) {
      const batch = batchOf(engine.batch);
      return batch((connection) => {
        const at = now();
        connection.run(statements.definition, [run.definitionHash, JSON.stringify(run.definition), at]);
        const [last] = connection.first(statements.lastEvent, []) ?? [];
        const firstEvent = Number(last ?? 0) + 1;
        const row = newRunRow(run, at, Number(run.dryRun));
        connection.run(statements.run, [...runColumns.map((column) => row[column]), firstEvent]);
        for (const start of started) connection.run(statements.step, startedStep(run.runId, start, at));
        for (const event of events) connection.run(statements.event, newEvent(run.runId, event, at));
        return at;
      });
    },
    async checkpoint(transitions, session) {
      if (transitions.length === 0) return ok(result([], now()));
      const batch = batchOf(session === undefined ? engine.batch : session.batch);
      return batch((connection) => {
        const at = now();
        const kept = transitions.filter((transition) => keep(connection, transition, at));
        return result(
          kept.map(({ runId }) => runId),
          at,
        );
      });
    },
  };
}

function result(kept: readonly string[], at: Instant): CheckpointResult {
  return Object.freeze({ kept: new Set(kept), at });
}

function batchOf(batch: Batch | undefined): Batch {
  if (batch !== undefined) return batch;
  throw new DatabaseError("An engine whose `hotForm` is `script` needs `batch`, on itself and on its sessions.", {
    code: "INTERNAL",
  });
}

function settledStep(runId: string, step: StepSettlement, holdsAttempt: boolean, at: Instant): readonly SqlValue[] {
  return [
    runId,
    step.step,
    step.kind,
    step.position,
    step.status,
    step.attempt,
    null,
    at,
    step.durationMs ?? null,
    jsonText(step.output),
    jsonText(step.updates),
    jsonText(step.error),
    plainText(step.reason),
    jsonText(step.quality),
    step.next ?? null,
    step.order,
    Number(holdsAttempt),
  ];
}

function startedStep(runId: string, step: StepStart, at: Instant): readonly SqlValue[] {
  return [
    runId,
    step.step,
    step.kind,
    step.position,
    "RUNNING",
    step.attempt,
    at,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    0,
  ];
}

function newEvent(runId: string, { step, type, payload }: NewEvent, at: Instant): readonly SqlValue[] {
  return [runId, step ?? null, type, at, JSON.stringify(payload)];
}

function endOfRun(
  { runId, counts }: Transition,
  end: NonNullable<Transition["end"]>,
  at: Instant,
): readonly SqlValue[] {
  return [
    end.status,
    at,
    end.durationMs,
    jsonText(end.error),
    end.error?.category ?? null,
    end.errorStep ?? null,
    counts.total,
    counts.completed,
    counts.failed,
    counts.skipped,
    runId,
  ];
}
