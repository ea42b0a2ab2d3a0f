import {
  createHost,
  definePipeline,
  definePlugin,
  err,
  errAsync,
  type HostOptions,
  type HostPart,
  memory,
  ok,
  SpineError,
  type StoreProvider,
} from "@spine/core";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";

const daily = definePipeline({ key: "prices.daily", run: () => 1 });
const prices = definePlugin({ name: "prices", pipelines: [daily] });

const part = (name: string, log: string[]): HostPart => ({
  name,
  start: () => {
    log.push(`start ${name}`);
    return ok({ api: { name }, close: () => void log.push(`close ${name}`) });
  },
});

describe("a host", () => {
  test("registers what plugins and the host itself bring, and is sealed then", async () => {
    const own = definePipeline({ key: "own.one", run: () => 1 });
    const host = await expectOk(createHost({ store: memory(), plugins: [prices], pipelines: [own] }));
    expect(host.pipelines.list().map(({ key, owner }) => [key, owner])).toEqual([
      ["own.one", "host"],
      ["prices.daily", "prices"],
    ]);
    expect(host.pipelines.register("late.one", own)._unsafeUnwrapErr().code).toBe("REGISTRY_SEALED");
    expect(host.store.kind).toBe("memory");
    await expectOk(host.close());
  });

  test("starts parts in order and closes in reverse, once, the store last", async () => {
    const log: string[] = [];
    const host = await expectOk(createHost({ store: memory(), parts: [part("one", log), part("two", log)] }));
    expect(host.part("two")).toEqual({ name: "two" });
    expect(host.part("three")).toBeUndefined();
    expect([host.has("one"), host.has("sql")]).toEqual([true, false]);
    await Promise.all([host.close(), host.close()]);
    expect(log).toEqual(["start one", "start two", "close two", "close one"]);
    await expectErr(host.store.history.list({}), "HOST_CLOSED");
  });

  test.for([
    ["returns an Err", () => err(new SpineError("CONFIG_INVALID", "no"))],
    [
      "throws",
      () => {
        throw new SpineError("CONFIG_INVALID", "no");
      },
    ],
  ] as const)("closes what was opened when a part %s", async ([, start]) => {
    const log: string[] = [];
    const opened: { closed: boolean } = { closed: false };
    const store: StoreProvider = {
      kind: "memory",
      open: (environment) =>
        memory()
          .open(environment)
          .map((inner) => ({
            ...inner,
            close: () => {
              opened.closed = true;
              return inner.close();
            },
          })),
    };
    await expectErr(createHost({ store, parts: [part("one", log), { name: "two", start }] }), "CONFIG_INVALID");
    expect(log).toEqual(["start one", "close one"]);
    expect(opened.closed).toBe(true);
  });

  test("closes everything even when one part cannot, and says the first failure", async () => {
    const log: string[] = [];
    const stuck: HostPart = {
      name: "stuck",
      start: () => ok({ api: 1, close: () => errAsync(new SpineError("STORAGE_ERROR", "stuck")) }),
    };
    const host = await expectOk(createHost({ store: memory(), parts: [part("one", log), stuck] }));
    await expectErr(host.close(), "STORAGE_ERROR");
    expect(log).toEqual(["start one", "close one"]);
  });

  test("gives the store what plugins contribute", async () => {
    const contributed = { migrations: ["m1", "m2"] };
    const plugin = definePlugin({ name: "acme", ...contributed });
    const host = await expectOk(createHost({ store: memory(), plugins: [prices, plugin] }));
    expect(host.contributions("migrations")).toEqual([
      { owner: "acme", value: "m1" },
      { owner: "acme", value: "m2" },
    ]);
    await expectOk(host.close());
  });
});

describe("a host refuses", () => {
  const misspelt = { pipeline: [daily] };
  const refusals: readonly (readonly [string, Partial<HostOptions>, "PLUGIN_INVALID" | "KEY_DUPLICATE", string])[] = [
    ["a plugin definePlugin did not make", { plugins: [{ name: "x" } as never] }, "PLUGIN_INVALID", "definePlugin"],
    ["a plugin twice", { plugins: [prices, prices] }, "PLUGIN_INVALID", '"prices" is loaded twice'],
    [
      "a plugin without the one it requires",
      { plugins: [definePlugin({ name: "acme", requires: ["prices"] })] },
      "PLUGIN_INVALID",
      'requires plugin "prices"',
    ],
    [
      "contributions that nobody reads",
      { plugins: [definePlugin({ name: "acme", ...misspelt })] },
      "PLUGIN_INVALID",
      'Did you mean "pipelines"?',
    ],
    [
      "two pipelines under one key",
      { plugins: [prices], pipelines: [daily] },
      "KEY_DUPLICATE",
      'both "prices" and "host"',
    ],
    ["a pipeline definePipeline did not make", { pipelines: [{} as never] }, "PLUGIN_INVALID", "definePipeline"],
  ];

  test.for(refusals)("%s", async ([, options, code, text]) => {
    const error = await expectErr(createHost({ store: memory(), ...options }), code);
    expect(error.message).toContain(text);
  });
});
