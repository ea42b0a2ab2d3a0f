import { createHost, definePlugin, type Host, memory, type PipelineContext } from "@spine/core";
import { createSourceRegistry, fileSource, type SourceAccess, type SourceRegistry, sources } from "@spine/sources";
import { expectErr, expectOk, fakeClock } from "@spine/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { tempFiles } from "./support/temp-file.ts";

const write = tempFiles();
const weekly = fileSource({ name: "finra.otc.weekly", domain: "finra.otc", path: "otc.csv" });
const daily = fileSource({ name: "prices.daily", path: "daily.csv" });

async function openHost(options: Partial<Parameters<typeof createHost>[0]>): Promise<Host> {
  const host = await expectOk(createHost({ store: memory(), ...options }));
  onTestFinished(async () => void (await host.close()));
  return host;
}

/** What a pipeline of the host would be given, as far as sources look at it. */
function accessOf(host: Host, signal: AbortSignal = new AbortController().signal): SourceAccess {
  const context: Partial<PipelineContext> = { signal, clock: fakeClock() };
  return host.services["sources"]?.(context as PipelineContext) as SourceAccess;
}

describe("the part `sources`", () => {
  test("reads the sources of plugins and its own", async () => {
    const plugin = definePlugin({ name: "finra-otc", sources: [weekly] });
    const host = await openHost({ plugins: [plugin], parts: [sources({ sources: [daily] })] });
    const registry = host.part("sources") as SourceRegistry;
    expect(registry.list()).toMatchObject([
      { key: "finra.otc.weekly", owner: "finra-otc" },
      { key: "prices.daily", owner: "host" },
    ]);
    expect(host.has("sources")).toBe(true);
    await expectErr(registry.register("late", daily), "REGISTRY_SEALED");
  });

  test("is asked for by the host when a plugin has sources and nobody reads them", async () => {
    const plugin = definePlugin({ name: "finra-otc", sources: [weekly] });
    const error = await expectErr(createHost({ store: memory(), plugins: [plugin] }), "PLUGIN_INVALID");
    expect(error.message).toContain("contributes sources, which nothing in this host reads");
  });

  test("refuses two sources of one name, naming who brings them", async () => {
    const plugins = ["acme", "initech"].map((name) => definePlugin({ name, sources: [daily] }));
    const error = await expectErr(createHost({ store: memory(), plugins, parts: [sources()] }), "KEY_DUPLICATE");
    expect(error.message).toContain('both "acme" and "initech" register it');
  });

  test("refuses what is no source", async () => {
    const plugin = definePlugin({ name: "acme", sources: [{ name: "daily" } as never] });
    const error = await expectErr(
      createHost({ store: memory(), plugins: [plugin], parts: [sources()] }),
      "PLUGIN_INVALID",
    );
    expect(error.message).toContain('"acme" contributes a source that is none');
  });
});

describe("what a pipeline is given", () => {
  test("finds a source by name, and suggests the nearest for one that is not there", async () => {
    const access = accessOf(await openHost({ parts: [sources({ sources: [weekly, daily] })] }));
    expect(access.names()).toEqual(["finra.otc.weekly", "prices.daily"]);
    expect((await expectOk(access.get("prices.daily"))).describe()).toEqual(daily.describe());
    const error = await expectErr(access.get("prices.dayly"), "SOURCE_NOT_REGISTERED");
    expect(error.message).toBe('Source "prices.dayly" is not registered. Did you mean "prices.daily"?');
  });

  test("ends its readings with the attempt, on the host's clock", async () => {
    const path = write("a.csv", "a,b\n1,2\n");
    const host = await openHost({ parts: [sources({ sources: [fileSource({ name: "a", path })] })] });
    const attempt = new AbortController();
    const source = await expectOk(accessOf(host, attempt.signal).get("a"));
    expect((await expectOk(source.fetch())).metadata.durationMs).toBe(0);
    attempt.abort();
    await expectErr(source.fetch(), "CANCELLED");
    await expectErr(
      source.stream({ signal: new AbortController().signal }).forEachBatch(() => undefined),
      "CANCELLED",
    );
    await expectErr(source.hasChanged({ contentHash: "0" }), "CANCELLED");
  });
});

describe("a registry of sources", () => {
  test("stands alone for those who wire things themselves", async () => {
    const registry = createSourceRegistry();
    await expectOk(registry.register(daily.name, daily));
    expect(await expectOk(registry.get("prices.daily"))).toBe(daily);
    await expectErr(registry.get("weather"), "SOURCE_NOT_REGISTERED");
  });
});
