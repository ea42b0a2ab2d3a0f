import {
  addDays,
  createExpectations,
  createIds,
  defineExpectation,
  type Expectations,
  orThrow,
  plainDate,
  type Store,
  systemClock,
} from "@spine/core";
import { benchDomain, loadLedger, partitionAt } from "./capture-ledger.ts";

const firstDay = plainDate("1700-01-01");

/** What is expected of a domain: so many partitions, of which the last tenth is not there. */
export interface ExpectedLedger {
  readonly expectations: Expectations;
  readonly name: string;
  readonly partitions: number;
}

/** Loads what is there of so many expected partitions. */
export async function loadExpected(store: Store, partitions: number): Promise<ExpectedLedger> {
  const stage = `EXPECTED_${partitions}`;
  await loadLedger(store, { stage, partitions: partitions * 0.9, versions: 1 });
  const name = `bench.expected_${partitions}`;
  const dates = Array.from({ length: partitions }, (_, place) => ({
    date: addDays(firstDay, place),
    partition: partitionAt(place),
  }));
  const value = defineExpectation({
    name,
    domain: benchDomain,
    stages: [{ stage, tier: "BRONZE" }],
    frequency: { dates },
    start: firstDay,
  });
  const definitions = [{ owner: "bench", value }];
  const expectations = orThrow(createExpectations({ store, clock: systemClock, ids: createIds(), definitions }));
  return { expectations, name, partitions };
}

/** Microseconds for each expected partition of a look for gaps over all of them. */
export async function gapsCost({ expectations, name, partitions }: ExpectedLedger): Promise<number> {
  const startedMs = performance.now();
  const { gaps } = await orThrow(expectations.gaps(name));
  const tookMs = performance.now() - startedMs;
  if (gaps.length !== partitions * 0.1) throw new Error(`found ${gaps.length} gaps`);
  return (tookMs * 1000) / partitions;
}
