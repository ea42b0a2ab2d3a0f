import { bytesHash, contentHash, createRowsHasher, recordHash } from "@spine/core";
import { describe, expect, test } from "vitest";

describe("contentHash", () => {
  test("is sha256 of the canonical text", () => {
    expect(contentHash({ b: 1, a: [null] })).toBe(bytesHash('{"a":[null],"b":1}'));
    expect(contentHash("")).toMatch(/^[0-9a-f]{64}$/);
  });

  test("counts the order of lists and not of keys", () => {
    expect(contentHash({ a: 1, b: 2 })).toBe(contentHash({ b: 2, a: 1 }));
    expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
  });
});

test("bytesHash of text is that of its UTF-8 bytes", () => {
  expect(bytesHash("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(bytesHash("é")).toBe(bytesHash(new Uint8Array([0xc3, 0xa9])));
});

describe("recordHash", () => {
  const natural = ["2025-11-14", "OTC", "AAPL", "VENUE"] as const;

  test("is 32 hex characters unless told, the first ones of sha256 of the fields joined by |", () => {
    expect(recordHash(["a", 1, true, null, 2n])).toBe(bytesHash("a|1|true|null|2").slice(0, 32));
    expect(recordHash(["a"])).toHaveLength(32);
    expect(recordHash(["a"], { length: 16 })).toHaveLength(16);
    expect(recordHash(["a"], { length: 64 })).toHaveLength(64);
  });

  test("is the same each time", () => {
    expect(new Set(Array.from({ length: 100 }, () => recordHash(natural))).size).toBe(1);
  });

  test("differs with each field and with their order", () => {
    const hashes = [
      recordHash(natural),
      recordHash(natural.toReversed()),
      recordHash(["2025-11-21", "OTC", "AAPL", "VENUE"]),
      recordHash(["2025-11-14", "OTC", "MSFT", "VENUE"]),
      recordHash([...natural, 1000, 5]),
      recordHash([...natural, 1000, 6]),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("a rows hasher", () => {
  test("is sha256 over one canonical line a row", () => {
    const hasher = createRowsHasher();
    hasher.add({ b: 1, a: 2 });
    hasher.add(["x"]);
    expect(hasher.digest()).toBe(bytesHash('{"a":2,"b":1}\n["x"]\n'));
  });

  test("of no rows is that of nothing", () => {
    expect(createRowsHasher().digest()).toBe(bytesHash(""));
  });
});
