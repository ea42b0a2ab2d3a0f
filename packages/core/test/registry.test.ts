import { createRegistry, SpineError } from "@spine/core";
import { describe, expect, test } from "vitest";

const createShelf = (): ReturnType<typeof createRegistry<number>> =>
  createRegistry<number>("pipeline", {
    notFound: (key, hint) => new SpineError("PIPELINE_NOT_FOUND", `Pipeline "${key}" is not registered.${hint}`),
  });

describe("a registry", () => {
  test("gives what was registered, sorted by key, with its owner", () => {
    const registry = createShelf();
    registry.register("b.two", 2, { owner: "acme" })._unsafeUnwrap();
    registry.register("a.one", 1)._unsafeUnwrap();
    expect(registry.get("b.two")._unsafeUnwrap()).toBe(2);
    expect(registry.find("a.one")).toBe(1);
    expect([registry.has("a.one"), registry.has("a.two")]).toEqual([true, false]);
    expect(registry.keys()).toEqual(["a.one", "b.two"]);
    expect(registry.list()).toEqual([
      { key: "a.one", value: 1, owner: "host" },
      { key: "b.two", value: 2, owner: "acme" },
    ]);
  });

  test("fails for an unknown key by its own error, which suggests the nearest", () => {
    const registry = createShelf();
    registry.register("prices.daily", 1)._unsafeUnwrap();
    const error = registry.get("prices.dayly")._unsafeUnwrapErr();
    expect(error.code).toBe("PIPELINE_NOT_FOUND");
    expect(error.message).toBe('Pipeline "prices.dayly" is not registered. Did you mean "prices.daily"?');
    expect(registry.find("prices.dayly")).toBeUndefined();
  });

  test.for([
    ["acme", "acme", '"acme" registers it twice'],
    ["acme", "initech", 'both "acme" and "initech" register it'],
  ] as const)("refuses a key that is taken, naming %s and %s", ([first, second, who]) => {
    const registry = createShelf();
    registry.register("a.one", 1, { owner: first })._unsafeUnwrap();
    const error = registry.register("a.one", 2, { owner: second })._unsafeUnwrapErr();
    expect(error.code).toBe("KEY_DUPLICATE");
    expect(error.message).toContain(who);
    expect(registry.find("a.one")).toBe(1);
  });

  test("refuses keys of a wrong form", () => {
    expect(createShelf().register("a b", 1)._unsafeUnwrapErr()).toMatchObject({ code: "KEY_INVALID" });
  });

  test("takes nothing more once it is sealed, and still answers", () => {
    const registry = createShelf();
    registry.register("a.one", 1)._unsafeUnwrap();
    registry.seal();
    const error = registry.register("a.two", 2)._unsafeUnwrapErr();
    expect(error.code).toBe("REGISTRY_SEALED");
    expect(error.message).toContain('Pipeline "a.two" came too late');
    expect(registry.keys()).toEqual(["a.one"]);
  });
});
