import { didYouMean, nearestName, parseKey } from "@spine/core";
import { describe, expect, test } from "vitest";

describe("a key", () => {
  test.for(["finra.otc.ingest_week", "prices/fetch_daily", "a", "A-1", "acme:prices.v2", "x".repeat(200)])(
    "may be %s",
    (key) => {
      expect(parseKey("Pipeline", key)._unsafeUnwrap()).toBe(key);
    },
  );

  test.for(["", "1a", ".a", "a.", "a..b", "a b", "a/", "_a", "a.é", "a\n", "x".repeat(201)])("is never %j", (key) => {
    const error = parseKey("Pipeline", key)._unsafeUnwrapErr();
    expect(error).toMatchObject({ code: "KEY_INVALID", context: { kind: "Pipeline", key } });
    expect(error.message).toContain(`Pipeline ${JSON.stringify(key)} is not a valid key.`);
  });
});

describe("the nearest name", () => {
  const known = ["finra.otc.ingest_week", "finra.otc.normalize_week", "prices.daily"];

  test.for([
    ["finra.otc.ingset_week", "finra.otc.ingest_week"],
    ["FINRA.OTC.INGEST_WEEK", "finra.otc.ingest_week"],
    ["finra.otc.ingest_weeks", "finra.otc.ingest_week"],
    ["price.daily", "prices.daily"],
    ["weather.hourly", undefined],
    ["", undefined],
  ] as const)("to %s is %s", ([name, expected]) => {
    expect(nearestName(name, known)).toBe(expected);
  });

  test("is the nearest of several near ones, and the first of equals", () => {
    expect(nearestName("step1x", ["step2", "step1"])).toBe("step1");
    expect(nearestName("step9", ["step2", "step1"])).toBe("step2");
  });

  test("takes two swapped letters for one slip", () => {
    expect(nearestName("ab", ["ba"])).toBe("ba");
    expect(nearestName("ab", ["cd"])).toBeUndefined();
  });
});

test("didYouMean suggests, else lists what is few, else is silent", () => {
  expect(didYouMean("fecth", ["fetch", "load"])).toBe(' Did you mean "fetch"?');
  expect(didYouMean("zzz", ["fetch", "load"])).toBe(' Known: "fetch", "load".');
  expect(didYouMean("zzz", [])).toBe("");
  expect(
    didYouMean(
      "zzz",
      Array.from({ length: 9 }, (_, index) => `name-of-step-${index}`),
    ),
  ).toBe("");
});
