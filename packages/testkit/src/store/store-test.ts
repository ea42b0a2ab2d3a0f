import type { Store, StoreProvider } from "@spine/core";
import { test as base } from "vitest";
import { expectOk } from "../expect-result.ts";
import { fakeClock } from "../fake-clock.ts";
import { silentEnvironment } from "../silent-environment.ts";

/** What the tests of the suite are declared with; see {@link createStoreTest}. */
export type StoreTest = ReturnType<typeof createStoreTest>;

/**
 * The kind of test the suite is made of. Each has data of its own and is given `store`, open over it; `clock`, the store's clock,
 * moved by hand; and `openAgain`, which opens the same data once more as another process would. All stores are closed after it.
 */
export function createStoreTest(
  create: () => StoreProvider | PromiseLike<StoreProvider>,
  destroy: (provider: StoreProvider) => unknown,
) {
  return base
    .extend("clock", () => fakeClock())
    .extend("openAgain", async ({ clock }, { onCleanup }) => {
      const provider = await create();
      const stores: Store[] = [];
      onCleanup(async () => {
        for (const store of stores) await expectOk(store.close());
        await destroy(provider);
      });
      return async () => {
        const store = await expectOk(provider.open(silentEnvironment(clock)));
        stores.push(store);
        return store;
      };
    })
    .extend("store", ({ openAgain }) => openAgain());
}
