import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VersionedMap } from "../src/workflows/versioned-map.ts";

type Write = readonly [version: number, key: string, value: number];

const key = fc.constantFrom("a", "b", "c", "__proto__", "toString", "constructor");
const base = fc.dictionary(key, fc.integer());
const writes = fc.array(fc.tuple(fc.nat(), key, fc.integer()), { maxLength: 40 });

/** Every version that any order of writes to any earlier version makes, next to plain objects that do the same. */
function versions(
  start: Record<string, number>,
  list: readonly Write[],
): readonly (readonly [VersionedMap<number>, Map<string, number>])[] {
  const made: [VersionedMap<number>, Map<string, number>][] = [
    [VersionedMap.of(start), new Map(Object.entries(start))],
  ];
  for (const [version, name, value] of list) {
    const [map, plain] = made[version % made.length] as (typeof made)[number];
    made.push([map.with(name, value), new Map(plain).set(name, value)]);
  }
  return made;
}

describe("a versioned map", () => {
  it("keeps every version as it was, whatever is made of it and of others", () => {
    fc.assert(
      fc.property(base, writes, (start, list) => {
        for (const [map, plain] of versions(start, list)) {
          expect(new Map(Object.entries(map.toObject()))).toEqual(plain);
          expect([...map.keys()].toSorted()).toEqual([...plain.keys()].toSorted());
          for (const name of ["a", "b", "c", "__proto__", "toString", "constructor"]) {
            expect(map.get(name)).toBe(plain.get(name));
            expect(map.has(name)).toBe(plain.has(name));
          }
        }
      }),
    );
  });

  it("lists keys in the order in which they came, and one that is written again stays where it is", () => {
    const map = VersionedMap.of({ b: 1 }).with("a", 2).with("c", 3).with("b", 4);
    expect(map.keys()).toEqual(["b", "a", "c"]);
  });

  it("shares its entries: a chain of versions holds as many as were written, not their sum", () => {
    let map = VersionedMap.of<number>({});
    const chain = [map];
    for (let index = 0; index < 100_000; index += 1) chain.push((map = map.with(`k${index}`, index)));
    expect(chain[50_000]?.has("k49999")).toBe(true);
    expect(chain[50_000]?.has("k50000")).toBe(false);
    expect(map.get("k0")).toBe(0);
    expect(map.keys()).toHaveLength(100_000);
  });

  it("does not take what every object has for an entry", () => {
    const map = VersionedMap.of<number>({});
    expect(map.get("toString")).toBeUndefined();
    expect(map.has("__proto__")).toBe(false);
    expect(Object.keys(map.with("__proto__", 1).toObject())).toEqual(["__proto__"]);
  });
});
