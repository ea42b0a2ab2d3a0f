import { bytesHash } from "@spine/core";
import { describe, expect } from "vitest";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

export function describeReferences(test: StoreTest): void {
  describe("references", () => {
    test("a value comes back by its reference, which says its size and hash", async ({ store }) => {
      const value = { rows: ["é", 1] };
      const reference = await expectOk(store.references.put({ id: "ref_1", value, runId: "run_1" }));
      expect(reference).toEqual({
        $ref: "ref_1",
        sizeBytes: Buffer.byteLength('{"rows":["é",1]}'),
        contentHash: bytesHash('{"rows":["é",1]}'),
      });
      expect(await expectOk(store.references.get(reference))).toEqual(value);
    });

    test("a megabyte is no trouble", async ({ store }) => {
      const value = Array.from({ length: 20_000 }, (_, index) => ({
        index,
        text: "some text that takes room",
      }));
      const reference = await expectOk(store.references.put({ id: "ref_1", value }));
      expect(reference.sizeBytes).toBeGreaterThan(1_000_000);
      expect(await expectOk(store.references.get(reference))).toEqual(value);
    });

    test("a reference that is not there is told by name", async ({ store }) => {
      const error = await expectErr(
        store.references.get({ $ref: "ref_x", sizeBytes: 2, contentHash: bytesHash("{}") }),
        "REFERENCE_NOT_FOUND",
      );
      expect(error.message).toContain("ref_x");
    });

    test("a stored text that is not the one that was put is refused", async ({ store }) => {
      const reference = await expectOk(store.references.put({ id: "ref_1", value: "kept" }));
      await expectErr(store.references.get({ ...reference, contentHash: bytesHash("other") }), "STORAGE_ERROR");
    });
  });
}
