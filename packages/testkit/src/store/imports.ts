import type { CaptureClock, Instant, StartCapture, Store } from "@spine/core";
import * as fc from "fast-check";
import { describe, expect } from "vitest";
import { buildCapture, buildSlot } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { capture, captureOf, day, dayMs, seenId, staleIds } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

interface History {
  readonly published: Instant;
  readonly available: Instant;
  readonly content: string | undefined;
}

const days = ["01", "02", "03", "04", "05"].map(day);
const clocks: readonly CaptureClock[] = ["available", "published"];

/** Versions of one slot, no two with the same content at the same instant. */
const histories: fc.Arbitrary<readonly History[]> = fc.uniqueArray(
  fc.record({
    published: fc.constantFrom(...days),
    available: fc.constantFrom(...days),
    content: fc.constantFrom("a", "b", "c", undefined),
  }),
  { minLength: 1, maxLength: 4, selector: ({ available, content }) => `${available} ${content}` },
);

/** Some days later, a version of history that is past by then, else a capture of the present. */
const stepKinds = fc.record({
  daysLater: fc.nat({ max: 2 }),
  version: fc.option(
    histories.map(([version]) => version),
    { nil: undefined },
  ),
  content: fc.constantFrom("a", "b", undefined),
});

function historyOf(slot: Partial<StartCapture>, name: string, { published, available, content }: History) {
  return {
    ...slot,
    captureId: `${slot.partition}:${name}`,
    publishedAt: published,
    importedAt: available,
    contentHash: content,
  };
}

/** What readers see of a slot at all instants by both clocks, and what each capture supersedes. */
async function answers(store: Store, slot: { readonly partition: string }): Promise<readonly unknown[]> {
  const nameOf = (captureId: string | undefined): string | undefined => captureId?.slice(slot.partition.length + 1);
  const seen = clocks.flatMap((clock) =>
    [undefined, ...days].map(async (asOf) => nameOf(await seenId(store, { ...slot, clock, asOf }))),
  );
  const kept = await expectOk(store.captures.list(slot));
  const chain = kept.map(({ captureId, supersedes }) => [nameOf(captureId), nameOf(supersedes)].join(" after "));
  return [await Promise.all(seen), chain.toSorted()];
}

function permutations<T>(values: readonly T[]): readonly (readonly T[])[] {
  if (values.length <= 1) return [values];
  return values.flatMap((value, index) =>
    permutations(values.toSpliced(index, 1)).map((rest): readonly T[] => [value, ...rest]),
  );
}

export function describeImports(test: StoreTest): void {
  describe("history", () => {
    test("becomes available when it did then, and is marked", async ({ store }) => {
      const given = buildCapture({ captureId: "cap_1", importedAt: day("02"), publishedAt: day("01") });
      expect(await expectOk(store.captures.start(given))).toMatchObject({ imported: true, availableAt: undefined });
      const { capture: completed } = await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 1 }));
      expect(completed).toMatchObject({
        imported: true,
        reason: "imported",
        publishedAt: day("01"),
        availableAt: day("02"),
        capturedAt: day("20"),
      });
      expect(await seenId(store, { asOf: day("02") })).toBe("cap_1");
      expect(await seenId(store, { asOf: day("01") })).toBeUndefined();
    });

    test("is put before what came later, which supersedes it and makes nothing stale", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "b" });
      await capture(store, { captureId: "cap_2", stage: "NORMALIZE", inputs: ["cap_1"] });
      const old = { importedAt: day("02"), publishedAt: day("02") };
      const effects = await capture(store, { captureId: "cap_3", contentHash: "a", ...old });
      expect(effects).toMatchObject({ restates: false, staled: 0, capture: { supersedes: undefined } });
      expect(await captureOf(store, "cap_1")).toMatchObject({ supersedes: "cap_3" });
      expect(await seenId(store)).toBe("cap_1");
      expect(await seenId(store, { asOf: day("19") })).toBe("cap_3");
      expect(await staleIds(store)).toEqual([]);
    });

    test("that is later than all there is restates it", async ({ store }) => {
      const at = (date: string) => ({ importedAt: day(date), publishedAt: day(date) });
      await capture(store, { captureId: "cap_1", contentHash: "a", ...at("02") });
      await capture(store, { captureId: "cap_2", stage: "NORMALIZE", inputs: ["cap_1"], ...at("03") });
      const effects = await capture(store, { captureId: "cap_3", contentHash: "b", ...at("04") });
      expect(effects).toMatchObject({ restates: true, staled: 1, capture: { supersedes: "cap_1" } });
    });

    test("loaded twice is there once", async ({ store }) => {
      const given = { importedAt: day("02"), publishedAt: day("01"), contentHash: "a" };
      await capture(store, { captureId: "cap_1", ...given });
      const { capture: again } = await capture(store, { captureId: "cap_2", ...given });
      expect(again).toMatchObject({ status: "UNCHANGED", sameAs: "cap_1" });
      const { capture: later } = await capture(store, { captureId: "cap_3", ...given, importedAt: day("03") });
      expect(later).toMatchObject({ status: "COMPLETE", supersedes: "cap_1" });
    });

    test("that its gate holds back is seen by nobody, and takes its place when it is released", async ({ store }) => {
      await capture(store, { captureId: "cap_1", contentHash: "b" });
      const old = { importedAt: day("02"), publishedAt: day("02"), contentHash: "a" };
      const held = await capture(store, { captureId: "cap_2", gate: "BLOCK", ...old });
      expect(held).toMatchObject({ restates: false, capture: { status: "COMPLETE", availableAt: undefined } });
      expect(await seenId(store, { asOf: day("19") })).toBeUndefined();
      const released = await expectOk(store.captures.release({ captureId: "cap_2", by: "ana", why: "it is right" }));
      expect(released).toMatchObject({ restates: false, staled: 0, capture: { availableAt: day("02") } });
      expect(await seenId(store, { asOf: day("19") })).toBe("cap_2");
      expect(await seenId(store)).toBe("cap_1");
      expect(await captureOf(store, "cap_1")).toMatchObject({ supersedes: "cap_2" });
    });

    test("must have been published, and cannot lie in the future", async ({ store, clock }) => {
      const future = buildCapture({ captureId: "cap_1", importedAt: "2025-12-20T00:00:00.001Z" as Instant });
      await expectErr(store.captures.start(future), "CAPTURE_IMPORT_INVALID");
      await clock.advance(1);
      await expectOk(store.captures.start(future));
      await expectErr(store.captures.complete({ captureId: "cap_1", rowCount: 1 }), "CAPTURE_IMPORT_INVALID");
      await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 1, publishedAt: day("19") }));
    });
  });

  describe("loading history in any order", () => {
    test("gives the same answers: all orders of four captures", async ({ store }) => {
      const versions: readonly History[] = [
        { published: day("01"), available: day("01"), content: "a" },
        { published: day("04"), available: day("02"), content: "b" },
        { published: day("02"), available: day("02"), content: "a" },
        { published: day("03"), available: day("04"), content: undefined },
      ];
      const told = new Set<string>();
      for (const [round, order] of permutations([...versions.entries()]).entries()) {
        const slot = { partition: `order-${round}` };
        for (const [name, version] of order) await capture(store, historyOf(slot, `${name}`, version));
        told.add(JSON.stringify(await answers(store, slot)));
      }
      expect([...told]).toEqual([
        JSON.stringify([
          ["3", "0", "1", "1", "3", "3", "1", "0", "2", "3", "1", "1"],
          ["0 after ", "1 after 2", "2 after 0", "3 after 1"],
        ]),
      ]);
    });

    test("gives the same answers: any captures in any two orders", async ({ store }) => {
      let round = 0;
      const shuffled = histories.chain((versions) =>
        fc.tuple(fc.constant(versions), fc.shuffledSubarray([...versions.keys()], { minLength: versions.length })),
      );
      await fc.assert(
        fc.asyncProperty(shuffled, async ([versions, order]) => {
          round += 1;
          const slots = [{ partition: `left-${round}` }, { partition: `right-${round}` }] as const;
          for (const [name, version] of versions.entries())
            await capture(store, historyOf(slots[0], `${name}`, version));
          for (const name of order) {
            const version = versions[name];
            if (version !== undefined) await capture(store, historyOf(slots[1], `${name}`, version));
          }
          expect(await answers(store, slots[1])).toEqual(await answers(store, slots[0]));
        }),
        { numRuns: 20 },
      );
    });

    test("with captures of the present among it never shows a later clock, and always the last one before", async ({
      store,
      clock,
    }) => {
      let round = 0;
      const steps = fc.array(stepKinds, { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(steps, async (given) => {
          round += 1;
          clock.set(days[0] ?? day("01"));
          const slot = { partition: `mixed-${round}` };
          for (const [name, step] of given.entries()) {
            const { daysLater, version, content } = step;
            clock.set(clock.nowMs() + daysLater * dayMs);
            const isPast = version !== undefined && Date.parse(version.available) <= clock.nowMs();
            await capture(
              store,
              isPast
                ? historyOf(slot, `${name}`, version)
                : { ...slot, captureId: `${slot.partition}:${name}`, contentHash: content },
            );
          }
          await expectLastBefore(store, slot);
        }),
        { numRuns: 20 },
      );
    });
  });
}

/** What `resolve` must say, from the list of all versions alone. */
async function expectLastBefore(store: Store, slot: { readonly partition: string }): Promise<void> {
  const versions = await expectOk(store.captures.list({ ...slot, available: true }));
  for (const asOf of days) {
    for (const clock of ["available", "captured", "published"] as const) {
      const candidates = versions
        .map((version) => ({ version, at: version[`${clock}At`] }))
        .filter(({ at }) => at !== undefined && at <= asOf)
        .map(({ version, at }) => [at, version.availableAt, version.contentHash ?? "", version.captureId] as const);
      const last = candidates.toSorted(byText).at(-1);
      const found = await expectOk(store.captures.resolve({ ...buildSlot(slot), asOf, clock }));
      expect(found?.captureId).toBe(last?.[3]);
    }
  }
}

function byText(left: readonly (string | undefined)[], right: readonly (string | undefined)[]): number {
  const place = left.findIndex((text, index) => text !== right[index]);
  return (left[place] ?? "") < (right[place] ?? "") ? -1 : 1;
}
