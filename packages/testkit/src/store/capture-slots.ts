import type { Instant } from "@spine/core";
import { describe, expect } from "vitest";
import { buildCapture } from "../builders.ts";
import { expectErr, expectOk } from "../expect-result.ts";
import type { StoreTest } from "./store-test.ts";

const begun = "2025-12-20T00:00:00.000Z" as Instant;

export function describeCaptureSlots(test: StoreTest): void {
  describe("a slot", () => {
    test("holds one running capture; the error names the holder and since when", async ({ store, clock }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1", runId: "run_1", owner: "owner-a" })));
      await clock.advance(1000);
      const error = await expectErr(store.captures.start(buildCapture({ captureId: "cap_2" })), "CAPTURE_HELD");
      expect(error.context).toMatchObject({
        captureId: "cap_1",
        runId: "run_1",
        owner: "owner-a",
        since: begun,
      });
      expect(error.message).toContain("run_1");
      expect(error.message).toContain(begun);
      expect(error.retryable).toBe(true);
      expect(await expectOk(store.captures.get({ captureId: "cap_2" }))).toBeUndefined();
    });

    test.for([{ domain: "trades" }, { partition: "2025-12-18" }, { stage: "NORMALIZE" }, { tier: "SILVER" }])(
      "is another one with %o",
      async (difference, { store }) => {
        await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
        await expectOk(store.captures.start(buildCapture({ captureId: "cap_2", ...difference })));
      },
    );

    test.for(["complete", "fail"] as const)("is free again after %s", async (end, { store }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      if (end === "complete") await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 1 }));
      else await expectOk(store.captures.fail({ captureId: "cap_1", error: "no" }));
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_2" })));
    });

    test("of 50 who start at once, one does", async ({ store }) => {
      const started = await Promise.all(
        Array.from({ length: 50 }, (_, index) => store.captures.start(buildCapture({ captureId: `cap_${index}` }))),
      );
      const [winner, ...others] = started.filter((result) => result.isOk());
      expect(others).toEqual([]);
      const losses = started.filter((result) => result.isErr());
      expect(losses.map((result) => result.error.code)).toEqual(Array.from({ length: 49 }, () => "CAPTURE_HELD"));
      const running = await expectOk(store.captures.list({ status: "RUNNING" }));
      expect(running).toEqual(winner === undefined ? [] : [winner.value]);
    });
  });
}
