import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import { capture, day } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

const stage = { domain: "prices", stage: "INGEST" };

export function describeHeads(test: StoreTest): void {
  describe("the heads of a stage", () => {
    test("are what readers see and what was started last, of each partition and tier", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_1", partition: "b" });
      await clock.advance(1);
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_0", partition: "b" })));
      await expectOk(store.captures.fail({ captureId: "cap_0", error: "no" }));
      await capture(store, { captureId: "cap_3", partition: "b", tier: "SILVER" });
      await capture(store, { captureId: "cap_4", partition: "a", gate: "BLOCK" });
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_5", partition: "B" })));
      await capture(store, { captureId: "cap_6", partition: "b", stage: "NORMALIZE" });
      await capture(store, { captureId: "cap_7", partition: "b", domain: "trades" });
      await clock.advance(1);
      await capture(store, { captureId: "cap_8", partition: "a", asOf: day("20") });
      await capture(store, { captureId: "cap_9", partition: "c", asOf: day("20") });
      const heads = await expectOk(store.captures.heads(stage));
      expect(
        heads.map(({ partition, tier, current, latest }) => [partition, tier, current?.captureId, latest.captureId]),
      ).toEqual([
        ["B", "BRONZE", undefined, "cap_5"],
        ["a", "BRONZE", undefined, "cap_4"],
        ["b", "BRONZE", "cap_1", "cap_0"],
        ["b", "SILVER", "cap_3", "cap_3"],
      ]);
    });

    test("are whole captures, and see history where it belongs", async ({ store }) => {
      await capture(store, { captureId: "cap_2", contentHash: "b" });
      await capture(store, { captureId: "cap_1", importedAt: day("01"), publishedAt: day("01"), contentHash: "a" });
      const [head] = await expectOk(store.captures.heads(stage));
      expect(head?.current).toEqual(await expectOk(store.captures.get({ captureId: "cap_2" })));
      expect(head?.latest).toEqual(await expectOk(store.captures.get({ captureId: "cap_2" })));
    });

    test("can be asked for by tier and by partition, of more partitions than a statement can take", async ({
      store,
    }) => {
      for (const partition of ["a", "b", "c"]) {
        await capture(store, { captureId: `cap_${partition}`, partition });
        await capture(store, { captureId: `cap_${partition}_2`, partition, tier: "SILVER" });
      }
      const found = async (filter: { readonly tier?: string; readonly partitions?: readonly string[] }) =>
        (await expectOk(store.captures.heads({ ...stage, ...filter }))).map(({ latest }) => latest.captureId);
      const absent = Array.from({ length: 5000 }, (_, index) => `absent-${index}`);
      expect(await found({ tier: "SILVER" })).toEqual(["cap_a_2", "cap_b_2", "cap_c_2"]);
      expect(await found({ tier: "BRONZE", partitions: ["c", ...absent, "a", "c"] })).toEqual(["cap_a", "cap_c"]);
      expect(await found({ partitions: ["b"] })).toEqual(["cap_b", "cap_b_2"]);
      expect(await found({ partitions: [] })).toEqual([]);
    });
  });
}
