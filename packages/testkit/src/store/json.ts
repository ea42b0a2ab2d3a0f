import type { Json, JsonObject } from "@spine/core";
import { describe, expect } from "vitest";
import { buildAnomaly, buildCapture, buildReject, buildSettlement } from "../builders.ts";
import { expectOk } from "../expect-result.ts";
import { startRun } from "./started-run.ts";
import type { StoreTest } from "./store-test.ts";

const nested = Array.from({ length: 60 }).reduce<Json>((inner) => ({ inner: [inner] }), "bottom");

/** What stores have been seen to bend: each must come back as it went in. */
const values: readonly (readonly [string, Json])[] = [
  ["other scripts and emoji", "Żółć 東京 𝄞 👩‍👩‍👧 \u202E"],
  ["NUL inside a string", "a\u0000b"],
  ["NUL alone", "\u0000"],
  ["control characters", "\u0001\b\t\n\r\u001F\u007F\u2028\u2029"],
  ["a lone high surrogate", "\uD800"],
  ["a lone low surrogate between letters", "x\uDC00y"],
  ["quotes, backslashes and a text that looks escaped", "\"'`\\ \\u0000 \\\\u0000 %s $1 ? :a"],
  ["empty things", ["", {}, [], null]],
  [
    "numbers at the edges",
    [0, -1, 0.1, 1e-7, 5e-324, 1.7976931348623157e308, 9007199254740991, -9007199254740991, 1e21],
  ],
  ["booleans and null", [true, false, null]],
  ["text that looks like other values", ["null", "true", "1", "{}", "2025-12-20T00:00:00Z"]],
  ["more than a hundred levels", nested],
  ["a long string", "0123456789".repeat(20_000)],
  ["odd keys", { "": 1, "a.b": 2, $ref: 3, é: 4, "0": 5, constructor: 6, "a\u0000b": 7 }],
];

export function describeJson(test: StoreTest): void {
  describe("JSON comes back as it went in", () => {
    test.for(values)("parameters and definitions: %s", async ([, value], { store }) => {
      await startRun(store, {
        runId: "run_1",
        params: { value },
        definition: { value },
        definitionHash: "hash-1",
      });
      expect((await expectOk(store.history.get({ runId: "run_1" })))?.params).toEqual({ value });
      expect(await expectOk(store.runs.definition({ definitionHash: "hash-1" }))).toEqual({
        value,
      });
    });

    test.for(values)("outputs, updates, quality, errors and events: %s", async ([, value], { store }) => {
      const { run, keep } = await startRun(store);
      const error = {
        name: "E",
        code: "X",
        category: "UNKNOWN",
        message: "m",
        retryable: false,
        context: { value },
      } as const;
      await keep({
        settled: [
          buildSettlement({
            output: value,
            updates: { value },
            quality: { custom: { value } },
            error,
          }),
        ],
        attempts: [{ step: "fetch", attempt: 1, status: "FAILED", durationMs: 1, error }],
        events: [{ type: "x", payload: { value } }],
      });
      const [step] = await expectOk(store.history.steps({ runId: run.runId }));
      expect([step?.output, step?.updates, step?.quality, step?.error]).toEqual([
        value,
        { value },
        { custom: { value } },
        error,
      ]);
      expect((await expectOk(store.history.attempts({ runId: run.runId })))[0]?.error).toEqual(error);
      expect((await expectOk(store.history.events({ runId: run.runId })))[0]?.payload).toEqual({
        value,
      });
    });

    test.for(values)("metrics, anomalies and rejects: %s", async ([, value], { store }) => {
      await expectOk(store.captures.start(buildCapture({ captureId: "cap_1" })));
      await expectOk(store.captures.complete({ captureId: "cap_1", rowCount: 0, metrics: { value } }));
      await expectOk(store.anomalies.record([buildAnomaly({ context: { value } })]));
      await expectOk(store.anomalies.reject([buildReject({ captureId: "cap_1", record: value })]));
      expect((await expectOk(store.captures.get({ captureId: "cap_1" })))?.metrics).toEqual({
        value,
      });
      expect((await expectOk(store.anomalies.list({})))[0]?.context).toEqual({ value });
      expect((await expectOk(store.anomalies.rejects({ captureId: "cap_1" })))[0]?.record).toEqual(value);
    });

    test.for(values)("references: %s", async ([, value], { store }) => {
      const reference = await expectOk(store.references.put({ id: "ref_1", value }));
      expect(await expectOk(store.references.get(reference))).toEqual(value);
    });

    test("the order of keys does not matter", async ({ store }) => {
      const params: JsonObject = { b: 1, a: { d: 2, c: 3 } };
      const { run } = await startRun(store, { params });
      expect((await expectOk(store.history.get({ runId: run.runId })))?.params).toEqual({
        a: { c: 3, d: 2 },
        b: 1,
      });
    });
  });
}
