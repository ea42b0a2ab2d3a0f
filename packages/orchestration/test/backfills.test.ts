import {
  defineExpectation,
  type ErrorCode,
  memory,
  type PipelineContext,
  plainDate,
  type StoreProvider,
} from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import type { BackfillRequest } from "../src/index.ts";
import { createGate } from "./support/gate.ts";
import { openSpine, type SpineGiven } from "./support/open-spine.ts";
import { stub } from "./support/pipelines.ts";
import { openProcess } from "./support/processes.ts";

const daily = defineExpectation({
  name: "prices.daily",
  domain: "prices",
  stages: [{ stage: "INGEST", tier: "BRONZE" }],
  frequency: "day",
  start: "2025-12-01",
  end: "2025-12-05",
  produce: { run: "prices.ingest", params: { day: "{{ date }}" } },
});

const days = ["2025-12-01", "2025-12-02", "2025-12-03", "2025-12-04", "2025-12-05"];
const dayOf = (context: PipelineContext): string => (context.params as { day: string }).day;

/** A pipeline that captures a day, and whatever else a test has it do. */
function ingest(also: (context: PipelineContext) => unknown = () => undefined) {
  return stub("prices.ingest", async (context) => {
    const slot = { domain: "prices", partition: dayOf(context), stage: "INGEST", tier: "BRONZE" };
    const running = await expectOk(context.capture.begin(slot));
    await also(context);
    return context.commit(() => ({ captureId: running.captureId }));
  });
}

function given(also?: (context: PipelineContext) => unknown): SpineGiven {
  return { expectations: [daily], pipelines: [ingest(also)] };
}

const request = { expectation: "prices.daily", mode: "missing", reason: "the first load" } as const;

describe("a plan", () => {
  it("says what would be done and what is left alone, and writes nothing", async () => {
    const { spine } = await openSpine(given());
    await expectOk(spine.run("prices.ingest", { params: { day: "2025-12-02" } }));
    const plan = await expectOk(spine.backfills.plan({ ...request, protect: ["2025-12-03"] }));
    expect(plan.items.map(({ partition }) => partition)).toEqual(["2025-12-01", "2025-12-04", "2025-12-05"]);
    expect(plan.excluded).toEqual([{ partition: "2025-12-03", why: "It is protected." }]);
    expect(await expectOk(spine.backfills.list())).toEqual([]);
  });

  it.each<[BackfillRequest, ErrorCode]>([
    [{ ...request, expectation: "prices.dayly" }, "EXPECTATION_NOT_FOUND"],
    [{ ...request, mode: "stale" }, "BACKFILL_EMPTY"],
    [{ ...request, maxParallel: 0 }, "CONFIG_INVALID"],
    [{ ...request, reason: " " }, "CONFIG_MISSING"],
  ])("that cannot be made is refused: %o", async (bad, code) => {
    const { spine } = await openSpine(given());
    await expectErr(spine.backfills.create(bad), code);
    expect(await expectOk(spine.backfills.list())).toEqual([]);
  });

  it("whose target nobody registered is refused", async () => {
    const { spine } = await openSpine({ expectations: [daily] });
    const error = await expectErr(spine.backfills.create(request), "RUNNABLE_NOT_FOUND");
    expect(error.message).toContain("prices.ingest");
  });
});

describe("a backfill", () => {
  it("does each partition once, in its direction, and ends COMPLETED", async () => {
    const done: string[] = [];
    const { spine } = await openSpine(given((context) => void done.push(dayOf(context))));
    const created = await expectOk(spine.backfills.create({ ...request, direction: "backward", createdBy: "ann" }));
    expect(created).toMatchObject({ status: "PLANNED", counts: { total: 5, pending: 5 }, createdBy: "ann" });
    const ended = await expectOk(spine.backfills.run(created.backfillId));
    expect(ended).toMatchObject({ status: "COMPLETED", counts: { total: 5, completed: 5, pending: 0 } });
    expect(done).toEqual(days.toReversed());
    const runs = await expectOk(spine.store.history.list({ batchId: created.backfillId }));
    expect(runs.map(({ partition, triggeredBy }) => [partition, triggeredBy])).toEqual(
      days.map((day) => [day, "backfill"]),
    );
    await expectErr(spine.backfills.run(created.backfillId), "BACKFILL_STATUS_INVALID");
  });

  it("never has more partitions under way than it may", async () => {
    let now = 0;
    let most = 0;
    const { spine } = await openSpine(
      given(async () => {
        now += 1;
        most = Math.max(most, now);
        await Promise.resolve();
        now -= 1;
      }),
    );
    const { backfillId } = await expectOk(spine.backfills.create({ ...request, maxParallel: 3 }));
    await expectOk(spine.backfills.run(backfillId));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  it("ends PARTIAL when some partitions failed, and retries only those", async () => {
    let broken = true;
    const done: string[] = [];
    const { spine } = await openSpine(
      given((context) => {
        done.push(dayOf(context));
        if (broken && dayOf(context) === "2025-12-03") throw new Error("no file");
      }),
    );
    const { backfillId } = await expectOk(spine.backfills.create(request));
    expect(await expectOk(spine.backfills.run(backfillId))).toMatchObject({
      status: "PARTIAL",
      counts: { completed: 4, failed: 1 },
    });
    const [failed] = await expectOk(spine.backfills.items(backfillId, { status: "FAILED" }));
    expect(failed).toMatchObject({ partition: "2025-12-03", error: expect.stringContaining("no file") });
    broken = false;
    done.length = 0;
    expect(await expectOk(spine.backfills.retryFailed(backfillId))).toBe(1);
    expect(await expectOk(spine.backfills.run(backfillId))).toMatchObject({ status: "COMPLETED" });
    expect(done).toEqual(["2025-12-03"]);
  });

  it("that is paused begins nothing more, and goes on later", async () => {
    const done: string[] = [];
    let pause: () => unknown = () => undefined;
    const { spine } = await openSpine(
      given(async (context) => {
        done.push(dayOf(context));
        if (done.length === 2) await pause();
      }),
    );
    const { backfillId } = await expectOk(spine.backfills.create(request));
    pause = () => expectOk(spine.backfills.pause(backfillId));
    expect(await expectOk(spine.backfills.run(backfillId))).toMatchObject({
      status: "PAUSED",
      counts: { completed: 2 },
    });
    expect(await expectOk(spine.backfills.run(backfillId))).toMatchObject({ status: "COMPLETED" });
    expect(done).toEqual(days);
  });

  it("that is cancelled keeps what it did and never does the rest", async () => {
    let cancel: () => unknown = () => undefined;
    const { spine } = await openSpine(given(() => cancel()));
    const { backfillId } = await expectOk(spine.backfills.create(request));
    cancel = () => expectOk(spine.backfills.cancel(backfillId));
    expect(await expectOk(spine.backfills.run(backfillId))).toMatchObject({
      status: "CANCELLED",
      counts: { completed: 1, cancelled: 4 },
    });
    await expectErr(spine.backfills.run(backfillId), "BACKFILL_STATUS_INVALID");
  });

  it("whose caller stops it goes on where it was", async () => {
    const controller = new AbortController();
    const done: string[] = [];
    const { spine } = await openSpine(
      given((context) => {
        done.push(dayOf(context));
        if (done.length === 2) controller.abort();
      }),
    );
    const { backfillId } = await expectOk(spine.backfills.create(request));
    const stopped = await expectOk(spine.backfills.run(backfillId, { signal: controller.signal }));
    expect(stopped).toMatchObject({ status: "RUNNING", counts: { running: 0 } });
    expect(await expectOk(spine.backfills.run(backfillId))).toMatchObject({ status: "COMPLETED" });
    const captures = await expectOk(spine.captures.list({ status: "COMPLETE" }));
    expect(captures.map(({ partition }) => partition).toSorted()).toEqual(days);
  });

  it("in mode all captures again", async () => {
    const { spine } = await openSpine(given());
    const first = await expectOk(spine.backfills.create(request));
    await expectOk(spine.backfills.run(first.backfillId));
    const again = await expectOk(spine.backfills.create({ ...request, mode: "all", to: plainDate("2025-12-02") }));
    expect(await expectOk(spine.backfills.run(again.backfillId))).toMatchObject({ counts: { total: 2, completed: 2 } });
  });

  it("that is not there cannot be run", async () => {
    const { spine } = await openSpine(given());
    await expectErr(spine.backfills.run("bf_x"), "BACKFILL_NOT_FOUND");
    await expectErr(spine.backfills.get("bf_x"), "BACKFILL_NOT_FOUND");
  });
});

describe("a backfill whose process dies", () => {
  function opened(store: StoreProvider, name: string, minutes: number, also?: (context: PipelineContext) => unknown) {
    return openProcess(store, { ...given(also), name, minutes });
  }

  it("is finished by the next process: no partition is done twice, none is lost", async () => {
    const store = memory();
    const dies = createGate();
    const first = await opened(store, "a", 0, (context) => (dayOf(context) === "2025-12-03" ? dies.opened : undefined));
    const { backfillId } = await expectOk(first.spine.backfills.create(request));
    void first.spine.backfills.run(backfillId);
    await first.clock.advance(0);
    const second = await opened(store, "b", 2);
    const [recovered] = await expectOk(second.spine.backfills.recover());
    expect(recovered).toMatchObject({ status: "COMPLETED", counts: { completed: 5 } });
    const captures = await expectOk(second.spine.captures.list({ status: "COMPLETE" }));
    expect(captures.map(({ partition }) => partition).toSorted()).toEqual(days);
    // The interrupted partition went on with the run it had.
    const taken = (await expectOk(second.spine.backfills.items(backfillId))).find(({ attempt }) => attempt === 2);
    expect(taken).toMatchObject({ partition: "2025-12-03" });
    expect(taken?.runId).toContain("_a_");
  });

  it("is worked off by two processes together", async () => {
    const store = memory();
    const by: string[] = [];
    const bothWork = createGate();
    const first = await opened(store, "a", 0, async () => {
      by.push("a");
      await bothWork.opened;
    });
    const second = await opened(store, "b", 0, () => {
      by.push("b");
      bothWork.open();
    });
    const { backfillId } = await expectOk(first.spine.backfills.create({ ...request, maxParallel: 2 }));
    await Promise.all([
      expectOk(first.spine.backfills.run(backfillId, { parallel: 1 })),
      expectOk(second.spine.backfills.run(backfillId, { parallel: 1 })),
    ]);
    expect(await expectOk(first.spine.backfills.get(backfillId))).toMatchObject({ status: "COMPLETED" });
    expect(by).toHaveLength(5);
    expect(new Set(by)).toEqual(new Set(["a", "b"]));
  });
});
