import type { SpineEvent } from "@spine/core";
import { capturingLogger, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step, StepResult } from "../src/index.ts";
import { groupOf } from "./support/groups.ts";
import { keyOf, stub } from "./support/pipelines.ts";
import { openFlow, runFlow, type Steps } from "./support/run-steps.ts";
import { eventLines } from "./support/summaries.ts";

const line = ({ type, step }: SpineEvent): string => (step === undefined ? type : `${type} ${step}`);

/** Runs `test.flow` and keeps what a listener of everything hears. */
async function heard(steps: Steps, given: Parameters<typeof openFlow>[1] = {}) {
  const opened = await openFlow(steps, given);
  const events: SpineEvent[] = [];
  opened.spine.events.on("*", (event) => void events.push(event));
  const run = await expectOk(opened.spine.workflows.run("test.flow"));
  return { ...opened, run, events, lines: events.map(line) };
}

describe("listeners", () => {
  it("hear what happens in the order in which it happens", async () => {
    const { lines, events, run } = await heard([
      Step.lambda("a", () => StepResult.ok({}, { events: [{ type: "prices.late", payload: { days: 2 } }] })),
      Step.choice("route", { when: "1 < 2", then: "b", otherwise: "c" }),
      Step.lambda("b", () => StepResult.fail("no")),
      Step.lambda("c", () => ({})),
    ]);
    expect(lines).toEqual([
      "run.started",
      "step.started a",
      "step.completed a",
      "prices.late a",
      "step.started route",
      "step.completed route",
      "step.started b",
      "step.failed b",
      "step.skipped c",
      "run.failed",
    ]);
    expect(events.every(({ runId, at }) => runId === run.runId && at === "2025-12-20T00:00:00.000Z")).toBe(true);
    expect(events.at(-1)?.payload).toEqual({
      name: "test.flow",
      durationMs: 0,
      step: "b",
      code: "STEP_FAILED",
      category: "ORCHESTRATION",
      message: "no",
    });
  });

  it("hear of a step that ended by commit like of any other", async () => {
    const ingest = stub("prices.ingest", ({ commit }) => commit(() => ({ rows: 3 })));
    const { lines } = await heard([Step.pipeline("ingest", keyOf(ingest)), Step.lambda("b", () => ({}))], {
      pipelines: [ingest],
    });
    expect(lines).toEqual([
      "run.started",
      "step.started ingest",
      "step.completed ingest",
      "step.started b",
      "step.completed b",
      "run.completed",
    ]);
  });

  it("hear of progress, which is not stored", async () => {
    const ingest = stub("prices.ingest", ({ progress }) => {
      progress(0.5, "half of the file");
    });
    const { events, spine, run } = await heard([Step.pipeline("ingest", keyOf(ingest))], { pipelines: [ingest] });
    expect(events[2]).toMatchObject({
      type: "step.progress",
      step: "ingest",
      payload: { fraction: 0.5, message: "half of the file" },
    });
    expect(await eventLines(spine, run.runId)).toEqual(["run.started", "step.completed ingest", "run.completed"]);
  });

  it("hear of an event only once it is stored", async () => {
    const { spine } = await openFlow([Step.lambda("a", () => ({}))]);
    const stored: unknown[] = [];
    spine.events.on("step.completed", async ({ runId = "" }) => {
      stored.push((await expectOk(spine.store.history.steps({ runId })))[0]?.status);
    });
    await expectOk(spine.workflows.run("test.flow"));
    expect(stored).toEqual(["COMPLETED"]);
  });

  it("hear what they asked for, until they stop", async () => {
    const { spine } = await openFlow([Step.lambda("a", () => ({}))]);
    const runs: string[] = [];
    const stop = spine.events.on("run.*", ({ type }) => void runs.push(type));
    await expectOk(spine.workflows.run("test.flow"));
    stop();
    await expectOk(spine.workflows.run("test.flow"));
    expect(runs).toEqual(["run.started", "run.completed"]);
  });

  it("that fail are logged, and disturb neither the others nor the run", async () => {
    const logger = capturingLogger();
    const { spine, clock } = await openFlow([Step.lambda("a", () => ({}))], { spine: { logger } });
    const others: string[] = [];
    spine.events.on("run.started", () => {
      throw new Error("broken listener");
    });
    spine.events.on("run.*", () => Promise.reject(new Error("rejecting listener")));
    spine.events.on("*", (event) => void others.push(line(event)));
    const run = await expectOk(spine.workflows.run("test.flow"));
    await clock.advance(0);
    expect(run.status).toBe("COMPLETED");
    expect(others).toEqual(["run.started", "step.started a", "step.completed a", "run.completed"]);
    expect(logger.lines.map(({ level, fields }) => [level, fields["error"]])).toEqual([
      ["error", "broken listener"],
      ["error", "rejecting listener"],
      ["error", "rejecting listener"],
    ]);
  });

  it("hear of a child run under its own id", async () => {
    const { group, pipelines } = groupOf({ one: [] });
    const { events, run } = await heard([Step.group("all", "weekly")], { pipelines, groups: [group] });
    expect(events.map((event) => `${event.runId === run.runId ? "parent" : "child"} ${line(event)}`)).toEqual([
      "parent run.started",
      "parent step.started all",
      "child run.started",
      "child step.started one",
      "child step.completed one",
      "child run.completed",
      "parent step.completed all",
      "parent run.completed",
    ]);
  });
});

describe("the event log of the store", () => {
  it("has what changed a run, in order over all runs, without outputs", async () => {
    const { spine } = await openFlow([Step.lambda("a", () => ({ secret: 7 }))]);
    await expectOk(spine.workflows.run("test.flow"));
    await expectOk(spine.workflows.run("test.flow"));
    const events = await expectOk(spine.store.history.events({}));
    expect(events.map(({ sequence, runId, type }) => [sequence, runId, type])).toEqual([
      [1, "run_000001", "run.started"],
      [2, "run_000001", "step.completed"],
      [3, "run_000001", "run.completed"],
      [4, "run_000002", "run.started"],
      [5, "run_000002", "step.completed"],
      [6, "run_000002", "run.completed"],
    ]);
    expect(JSON.stringify(events)).not.toContain("secret");
    expect(await expectOk(spine.store.history.events({ after: 4, limit: 1 }))).toMatchObject([{ sequence: 5 }]);
  });

  it("says why a step failed or was skipped", async () => {
    const { spine, run } = await runFlow([
      Step.lambda("a", () => StepResult.skip("no file")),
      Step.lambda("b", () => false),
    ]);
    const events = await expectOk(spine.store.history.events(run));
    expect(events[1]).toMatchObject({ type: "step.skipped", step: "a", payload: { attempt: 1, reason: "no file" } });
    expect(events[2]).toMatchObject({
      type: "step.failed",
      step: "b",
      payload: { attempt: 1, code: "STEP_REJECTED", category: "VALIDATION" },
    });
    expect(events[3]).toMatchObject({ type: "run.failed", payload: { step: "b", code: "STEP_REJECTED" } });
  });
});
