import { memory, type Pipeline, type StoreProvider } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { countingIds, expectOk, type FakeClock, fakeClock } from "@spine/testkit";
import { onTestFinished } from "vitest";
import { scheduler, type SchedulerOptions } from "../../src/index.ts";

interface Given extends SchedulerOptions {
  readonly pipelines: readonly Pipeline[];
  readonly store?: StoreProvider;
  readonly clock?: FakeClock;
  /** Tells the ids of one process from those of another. */
  readonly process?: string;
}

/** A spine with a scheduler, on a clock that is moved by hand; closed when the test ends. */
export async function openScheduler({
  pipelines,
  store = memory(),
  clock = fakeClock(),
  process = "a",
  ...options
}: Given) {
  const counting = countingIds();
  const ids = { next: (prefix: string) => counting.next(`${prefix}_${process}`) };
  const spine = await expectOk(createSpine({ store, clock, ids, pipelines, parts: [scheduler(options)] }));
  onTestFinished(async () => {
    await spine.close();
  });
  return { spine, clock };
}
