import * as fc from "fast-check";
import { describe, expect } from "vitest";
import { expectOk } from "../expect-result.ts";
import { capture, edgeTexts } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

type Edge = readonly [captureId: number, input: number];

const edges = fc.uniqueArray(
  fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })).filter(([from, to]) => from !== to),
  { maxLength: 10, selector: String },
);

/** All edges on the way from a capture, found by going over all of them until nothing is new. */
function closure(all: readonly Edge[], origin: number, direction: "up" | "down"): readonly Edge[] {
  const reached = new Set([origin]);
  const [near, far] = direction === "up" ? ([0, 1] as const) : ([1, 0] as const);
  for (let size = 0; size < reached.size;) {
    size = reached.size;
    for (const edge of all) if (reached.has(edge[near])) reached.add(edge[far]);
  }
  return all.filter((edge) => reached.has(edge[near]));
}

export function describeLineage(test: StoreTest): void {
  describe("the edges of a capture", () => {
    test("lead to everything it was computed from, or that was computed from it", async ({ store }) => {
      await capture(store, { captureId: "a" });
      await capture(store, { captureId: "b", stage: "B", inputs: ["a"] });
      await capture(store, { captureId: "c", stage: "C", inputs: ["a"] });
      await capture(store, { captureId: "d", stage: "D", inputs: ["b", "c", "b"] });
      expect(await edgeTexts(store, { captureId: "d", direction: "up" })).toEqual(["b←a", "c←a", "d←b", "d←c"]);
      expect(await edgeTexts(store, { captureId: "a", direction: "down" })).toEqual(["b←a", "c←a", "d←b", "d←c"]);
      expect(await edgeTexts(store, { captureId: "c", direction: "up" })).toEqual(["c←a"]);
      expect(await edgeTexts(store, { captureId: "a", direction: "up" })).toEqual([]);
      expect(await edgeTexts(store, { captureId: "x", direction: "down" })).toEqual([]);
    });

    test("can be the nearest ones only", async ({ store }) => {
      await capture(store, { captureId: "a" });
      await capture(store, { captureId: "b", stage: "B", inputs: ["a"] });
      await capture(store, { captureId: "c", stage: "C", inputs: ["b", "a"] });
      expect(await edgeTexts(store, { captureId: "c", direction: "up", nearest: true })).toEqual(["c←a", "c←b"]);
      expect(await edgeTexts(store, { captureId: "a", direction: "down", nearest: true })).toEqual(["b←a", "c←a"]);
      expect(await edgeTexts(store, { captureId: "b", direction: "down", nearest: true })).toEqual(["c←b"]);
    });

    test("are more than a statement can take", async ({ store }) => {
      const inputs = Array.from({ length: 600 }, (_, index) => `in_${index}`);
      await expectOk(
        store.transaction(async (tx) => {
          for (const [index, captureId] of inputs.entries()) {
            const slot = { domain: "prices", partition: `p-${index}`, stage: "INGEST", tier: "BRONZE" };
            await expectOk(tx.captures.start({ captureId, ...slot }));
          }
        }),
      );
      await capture(store, { captureId: "out", stage: "OUT", inputs });
      expect(await expectOk(store.captures.edges({ captureId: "out", direction: "up" }))).toHaveLength(600);
    });

    test("of any graph, cycles included, are those a search by hand finds", async ({ store }) => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(edges, fc.nat({ max: 4 }), async (all, origin) => {
          round += 1;
          const nameOf = (index: number): string => `${round}-${index}`;
          for (const index of [0, 1, 2, 3, 4]) {
            await capture(store, { captureId: nameOf(index), partition: nameOf(index) });
          }
          for (const [from, to] of all) {
            await expectOk(store.captures.note({ captureId: nameOf(from), inputs: [nameOf(to)] }));
          }
          for (const direction of ["up", "down"] as const) {
            const expected = closure(all, origin, direction).map(([from, to]) => `${nameOf(from)}←${nameOf(to)}`);
            expect(await edgeTexts(store, { captureId: nameOf(origin), direction })).toEqual(expected.toSorted());
          }
        }),
        { numRuns: 15 },
      );
    });
  });
}
