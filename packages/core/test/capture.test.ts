import { partitionKey, partitionParts, slotText } from "@spine/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("a partition of several parts", () => {
  test("is one text in which their order does not count", () => {
    expect(partitionKey({ week: "2025-11-14", tier: "OTC" })).toBe("tier=OTC/week=2025-11-14");
    expect(partitionKey({ tier: "OTC", week: "2025-11-14" })).toBe("tier=OTC/week=2025-11-14");
    expect(partitionKey({ year: 2025 })).toBe("year=2025");
  });

  test("keeps what separates parts apart from what is in them", () => {
    expect(partitionKey({ "a/b": "c=d%" })).toBe("a%2Fb=c%3Dd%25");
  });

  test("may hold a % that stands for itself", () => {
    expect(partitionParts("rate=5%/to=%zz")).toEqual({ rate: "5%", to: "%zz" });
  });

  test("law: the parts come back", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__");
    fc.assert(
      fc.property(fc.dictionary(name, fc.string(), { minKeys: 1, noNullPrototype: true }), (parts) => {
        expect(partitionParts(partitionKey(parts))).toEqual(parts);
      }),
    );
  });

  test.for(["2025-W23", "", "a=b=c", "a=b/c"])("%j is of another form: one part", (partition) => {
    expect(partitionParts(partition)).toEqual({ partition });
  });
});

test("a slot has a text for people", () => {
  expect(
    slotText({ domain: "finra.otc", partition: "tier=OTC/week=2025-11-14", stage: "INGEST", tier: "BRONZE" }),
  ).toBe("finra.otc tier=OTC/week=2025-11-14 INGEST/BRONZE");
});
