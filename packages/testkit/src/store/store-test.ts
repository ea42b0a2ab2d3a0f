import type { Store, StoreEnvironment, StoreProvider } from "@spine/core";
import { test as base, type TestAPI } from "vitest";
import { capturingLogger } from "../capturing-logger.ts";
import { expectOk } from "../expect-result.ts";
import { type FakeClock, fakeClock } from "../fake-clock.ts";

/** What a test of the suite is given. */
export interface StoreFixtures {
  /** Open over data that nobody else has touched. */
  readonly store: Store;
  /** The store's clock; also what it sets its timers on. */
  readonly clock: FakeClock;
  /** Opens the same data once more, as another process would. */
  readonly openAgain: () => Promise<Store>;
}

export type StoreTest = TestAPI<StoreFixtures>;

/** The kind of test the suite is made of: each opens its own store and closes every handle afterwards. */
export function createStoreTest(
  create: () => StoreProvider | PromiseLike<StoreProvider>,
  destroy: (provider: StoreProvider) => unknown,
): StoreTest {
  return base.extend<StoreFixtures & { readonly provider: StoreProvider }>({
    clock: async ({}, use) => use(fakeClock()),
    provider: async ({}, use) => {
      const provider = await create();
      await use(provider);
      await destroy(provider);
    },
    openAgain: async ({ provider, clock }, use) => {
      const handles: Store[] = [];
      await use(async () => {
        const handle = await expectOk(provider.open(environmentOf(clock)));
        handles.push(handle);
        return handle;
      });
      for (const handle of handles) await expectOk(handle.close());
    },
    store: async ({ openAgain }, use) => use(await openAgain()),
  });
}

function environmentOf(clock: FakeClock): StoreEnvironment {
  return { clock, logger: capturingLogger(), contributions: () => [] };
}
