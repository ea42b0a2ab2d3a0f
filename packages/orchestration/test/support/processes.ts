import type { IdSource, StoreProvider } from "@spine/core";
import { countingIds, fakeClock } from "@spine/testkit";
import { type OpenedSpine, openUnclosed, type SpineGiven } from "./open-spine.ts";

/**
 * A spine that stands for a process of its own: its own clock, its own ids (`run_a_000001`), a handle of its own on the store they share.
 * @param given.minutes how late it starts; a lease lasts one minute, so two minutes later every other process counts as dead unless its
 * own clock went on
 */
export function openProcess(
  store: StoreProvider,
  given: Omit<SpineGiven, "store" | "ids" | "clock"> & { readonly name?: string; readonly minutes?: number } = {},
): Promise<OpenedSpine> {
  const { name = "a", minutes = 0, ...rest } = given;
  const clock = fakeClock(Date.parse("2025-12-20T00:00:00Z") + minutes * 60_000);
  return openUnclosed({ ...rest, store, clock, ids: idsOf(name) });
}

function idsOf(name: string): IdSource {
  const ids = countingIds();
  return { next: (prefix) => ids.next(`${prefix}_${name}`) };
}
