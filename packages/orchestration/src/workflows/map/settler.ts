import type { ItemSettlement } from "@spine/core";
import type { Items } from "./items.ts";

/** Settles items one group after another: what ends while a group is under way goes with the next one. */
export interface Settler {
  add(settlement: ItemSettlement): void;
  /** Resolves once everything added is settled; rejects when something could not be. */
  drained(): Promise<void>;
}

export function createSettler(items: Items): Settler {
  let queue: ItemSettlement[] = [];
  let flying: Promise<void> | undefined;
  let failure: unknown;

  async function fly(): Promise<void> {
    while (queue.length > 0 && failure === undefined) {
      const group = queue;
      queue = [];
      try {
        await items.settle(group);
      } catch (thrown) {
        failure = thrown;
      }
    }
    flying = undefined;
  }

  return {
    add(settlement) {
      queue.push(settlement);
      flying ??= fly();
    },
    async drained() {
      await flying;
      if (failure !== undefined) throw failure;
    },
  };
}
