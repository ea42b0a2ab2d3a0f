import { ValidationError } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import { capture, captureOf } from "./capturing.ts";
import type { StoreTest } from "./store-test.ts";

const holder = buildCapture({ captureId: "cap_1", runId: "run_1", owner: "owner-a" });
const next = buildCapture({ captureId: "cap_2", runId: "run_2", owner: "owner-b" });
const lease = "2025-12-20T00:01:00.000Z";

export function describeLeases(test: StoreTest): void {
  describe("the lease of a running capture", () => {
    test("lasts a minute, or as long as its owner says", async ({ store }) => {
      expect(await expectOk(store.captures.start(holder))).toMatchObject({
        leaseUntil: lease,
        heartbeatAt: "2025-12-20T00:00:00.000Z",
      });
      const short = buildCapture({ captureId: "cap_s", stage: "NORMALIZE", owner: "owner-a", leaseMs: 500 });
      expect(await expectOk(store.captures.start(short))).toMatchObject({ leaseUntil: "2025-12-20T00:00:00.500Z" });
    });

    test("holds the slot until it runs out; then the next one takes over", async ({ store, clock }) => {
      await expectOk(store.captures.start(holder));
      await clock.advance(59_999);
      const error = await expectErr(store.captures.start(next), "CAPTURE_HELD");
      expect(error.context).toMatchObject({ captureId: "cap_1", owner: "owner-a", runId: "run_1", leaseUntil: lease });
      expect(error.message).toContain(lease);
      await clock.advance(1);
      expect(await expectOk(store.captures.start(next))).toMatchObject({ status: "RUNNING" });
      const dead = await captureOf(store, "cap_1");
      expect(dead).toMatchObject({
        status: "FAILED",
        completedAt: lease,
        owner: "owner-a",
        leaseUntil: undefined,
        heartbeatAt: undefined,
      });
      for (const fact of ["run_1", "owner-a", `its lease ran out at ${lease}`]) expect(dead.error).toContain(fact);
    });

    test("counts for nothing when its process is known to be gone", async ({ store }) => {
      await expectOk(store.captures.start(holder));
      await expectErr(store.captures.start({ ...next, deadOwners: ["owner-x"] }), "CAPTURE_HELD");
      await expectOk(store.captures.start({ ...next, deadOwners: ["owner-x", "owner-a"] }));
      expect((await captureOf(store, "cap_1")).error).toContain("its process is gone");
    });

    test("is not there without an owner, and then nobody takes over", async ({ store, clock }) => {
      const { owner: _, ...ownerless } = holder;
      expect(await expectOk(store.captures.start(ownerless))).toMatchObject({
        owner: undefined,
        leaseUntil: undefined,
        heartbeatAt: undefined,
      });
      await clock.advance(365 * 86_400_000);
      await expectErr(store.captures.start({ ...next, deadOwners: ["", "undefined", "null"] }), "CAPTURE_HELD");
    });

    test("is renewed with its owner's, and nobody else's", async ({ store, clock }) => {
      await expectOk(store.captures.start(holder));
      await expectOk(store.captures.start({ ...next, stage: "NORMALIZE" }));
      await capture(store, { captureId: "cap_3", stage: "REFERENCE", owner: "owner-a" });
      await clock.advance(30_000);
      await expectOk(store.owners.beat({ owner: "owner-a", place: "host-1", pid: 1, leaseMs: 90_000 }));
      expect(await captureOf(store, "cap_1")).toMatchObject({
        leaseUntil: "2025-12-20T00:02:00.000Z",
        heartbeatAt: "2025-12-20T00:00:30.000Z",
      });
      expect(await captureOf(store, "cap_2")).toMatchObject({ leaseUntil: lease });
      expect(await captureOf(store, "cap_3")).toMatchObject({ leaseUntil: undefined, heartbeatAt: undefined });
      await clock.advance(89_999);
      await expectErr(store.captures.start({ ...next, captureId: "cap_4" }), "CAPTURE_HELD");
      await clock.advance(1);
      await expectOk(store.captures.start({ ...next, captureId: "cap_4" }));
    });
  });

  describe("a capture that was taken over", () => {
    test("takes no end of its late owner", async ({ store, clock }) => {
      await expectOk(store.captures.start(holder));
      await clock.advance(60_000);
      await expectOk(store.captures.start(next));
      const late = await expectErr(store.captures.complete({ captureId: "cap_1", rowCount: 1 }), "CAPTURE_NOT_RUNNING");
      expect(late.message).toContain("its lease ran out");
      await expectOk(store.captures.fail({ captureId: "cap_1", error: "too late" }));
      expect((await captureOf(store, "cap_1")).error).not.toContain("too late");
      await expectOk(store.captures.complete({ captureId: "cap_2", rowCount: 1 }));
    });

    test("has one successor when many want its slot at once", async ({ store, clock }) => {
      await expectOk(store.captures.start(holder));
      await clock.advance(60_000);
      const started = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.captures.start({ ...next, captureId: `next_${index}`, owner: `owner-${index}` }),
        ),
      );
      expect(started.filter((result) => result.isOk())).toHaveLength(1);
      const losses = started.filter((result) => result.isErr());
      expect(new Set(losses.map((result) => result.error.code))).toEqual(new Set(["CAPTURE_HELD"]));
      expect(await expectOk(store.captures.list({ status: "FAILED" }))).toMatchObject([{ captureId: "cap_1" }]);
    });

    test("runs on when its successor could not be started or was undone", async ({ store, clock }) => {
      await capture(store, { captureId: "cap_0", stage: "NORMALIZE" });
      await expectOk(store.captures.start(holder));
      await clock.advance(60_000);
      await expectErr(store.captures.start({ ...next, captureId: "cap_0" }), "INTEGRITY_VIOLATED");
      expect(await captureOf(store, "cap_1")).toMatchObject({ status: "RUNNING", error: undefined });
      const undone = store.transaction(async (tx) => {
        await expectOk(tx.captures.start(next));
        expect(await expectOk(tx.captures.get({ captureId: "cap_1" }))).toMatchObject({ status: "FAILED" });
        throw new ValidationError("undone");
      });
      await expectErr(undone, "VALIDATION_FAILED");
      expect(await captureOf(store, "cap_1")).toMatchObject({ status: "RUNNING", error: undefined });
    });
  });
}
