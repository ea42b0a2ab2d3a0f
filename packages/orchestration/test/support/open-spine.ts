import { memory } from "@spine/core";
import { countingIds, expectOk, type FakeClock, fakeClock } from "@spine/testkit";
import { onTestFinished } from "vitest";
import { createSpine, type Spine, type SpineOptions } from "../../src/index.ts";

export interface OpenedSpine {
  readonly spine: Spine;
  readonly clock: FakeClock;
}

export type SpineGiven = Partial<Omit<SpineOptions, "clock" | "parts">> & { readonly clock?: FakeClock };

/** A spine on a memory store, with a clock that is moved by hand and ids that count; closed when the test ends. */
export async function openSpine(given: SpineGiven = {}): Promise<OpenedSpine> {
  const opened = await openUnclosed(given);
  onTestFinished(async () => {
    await opened.spine.close();
  });
  return opened;
}

/** The same, for one that is to die. */
export async function openUnclosed(given: SpineGiven = {}): Promise<OpenedSpine> {
  const clock = given.clock ?? fakeClock();
  const spine = await expectOk(createSpine({ store: memory(), ids: countingIds(), ...given, clock }));
  return { spine, clock };
}
