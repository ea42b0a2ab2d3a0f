import { type Clock, orThrow, type SerializedError, serializeError, SpineError, type Store } from "@spine/core";
import { createMigrationLog } from "../config/migration-log.ts";
import { countOf } from "../output/format.ts";
import { remedyOf } from "../output/remedy.ts";
import { runPages } from "../runs/find-run.ts";
import { type JudgedRun, judgeRuns, resumeText } from "../runs/truth.ts";
import { openStore, type Project } from "../session.ts";
import type { Check } from "./check.ts";

/** Whether the store can be reached, is up to date, takes writes, and holds runs that nobody works on. */
export async function storeChecks(project: Project, clock: Clock): Promise<readonly Check[]> {
  const log = createMigrationLog();
  if (project.store === undefined) {
    return [
      {
        name: "store",
        status: "problem",
        text: "The project names no store.",
        remedy: "Set `store` in spine.config.ts, or pass --store.",
      },
    ];
  }
  const opened = await openStore(project, { clock, logger: log });
  if (opened.isErr()) return [problem("store", serializeError(opened.error))];
  const store = opened.value;
  try {
    return [
      { name: "store", status: "ok", text: `${store.kind} at ${store.location}` },
      {
        name: "migrations",
        status: "ok",
        text: log.applied.length === 0 ? "up to date" : `brought up to date: ${log.applied.join(", ")}`,
      },
      await writeCheck(store),
      ...(await runChecks(store)),
    ];
  } finally {
    await store.close();
  }
}

/** Writes and takes it back, so that nothing stays. */
async function writeCheck(store: Store): Promise<Check> {
  const undo = new SpineError("CANCELLED", "The doctor takes back what it wrote.");
  const written = await store.transaction(async (tx) => {
    await orThrow(tx.anomalies.record([probe]));
    throw undo;
  });
  const error = written.isErr() ? written.error : undo;
  if (error.code === undo.code) return { name: "writable", status: "ok", text: "takes writes" };
  return problem("writable", serializeError(error));
}

const probe = {
  anomalyId: "ano_doctor",
  code: "DOCTOR_PROBE",
  severity: "DEBUG",
  message: "Never committed.",
  captureId: undefined,
  domain: undefined,
  partition: undefined,
  stage: undefined,
  runId: undefined,
  step: undefined,
  context: {},
} as const;

async function runChecks(store: Store): Promise<readonly Check[]> {
  const left: Check[] = [];
  let running = 0;
  for await (const page of runPages(store.history, { status: "RUNNING" })) {
    const judged = await judgeRuns(
      store,
      page.filter(({ parentRunId }) => parentRunId === undefined),
    );
    running += judged.filter(({ truth }) => truth.status === "RUNNING").length;
    left.push(...judged.filter(({ truth }) => truth.status === "INTERRUPTED").map(leftBehind));
  }
  if (left.length > 0) return left;
  const text = running === 0 ? "none is left behind" : `${countOf(running, "run")} in progress, none is left behind`;
  return [{ name: "runs", status: "ok", text }];
}

function leftBehind({ run, truth }: JudgedRun): Check {
  return {
    name: "runs",
    status: "warning",
    text: `${run.runId} of "${run.name}" was interrupted: ${truth.why ?? ""}`,
    remedy: resumeText(truth),
  };
}

export function problem(name: string, error: SerializedError): Check {
  return { name, status: "problem", text: `${error.code}: ${error.message}`, remedy: remedyOf(error) };
}
