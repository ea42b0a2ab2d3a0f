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

  it("copies nothing to make the next version: what it began with is not even looked at", () => {
    const looks = { count: 0 };
    const look = (): void => void (looks.count += 1);
    const began = new Proxy<Record<string, number>>(
      { a: 1, b: 2 },
      {
        ownKeys: (target) => (look(), Reflect.ownKeys(target)),
        get: (target, name) => (look(), target[String(name)]),
        has: (target, name) => (look(), name in target),
        getOwnPropertyDescriptor: (target, name) => (look(), Reflect.getOwnPropertyDescriptor(target, name)),
      },
    );
    let map = VersionedMap.of(began);
    const [first] = [map];
    for (let index = 0; index < 1000; index += 1) map = map.with(`k${index % 7}`, index);
    for (let index = 0; index < 1000; index += 1) first.with("c", index).with("d", index);
    expect(looks.count).toBe(0);
    expect(map.get("a")).toBe(1);
    expect(looks.count).toBeGreaterThan(0);
  });

  it("finds its way through a long line of versions", () => {
    let map = VersionedMap.of<number>({});
    const line = [map];
    for (let index = 0; index < 5000; index += 1) line.push((map = map.with(`k${index}`, index)));
    expect([line[2500]?.has("k2499"), line[2500]?.has("k2500")]).toEqual([true, false]);
    expect([map.get("k0"), map.get("k4999"), map.keys().length]).toEqual([0, 4999, 5000]);
  });

  it("does not take what every object has for an entry", () => {
    const map = VersionedMap.of<number>({});
    expect(map.get("toString")).toBeUndefined();
    expect(map.has("__proto__")).toBe(false);
    expect(Object.keys(map.with("__proto__", 1).toObject())).toEqual(["__proto__"]);
  });
});
