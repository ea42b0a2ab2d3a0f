import type { StoreProvider } from "@spine/core";
import { afterAll, beforeAll, describe } from "vitest";
import { describeAnomalies } from "./anomalies.ts";
import { describeAnomalyLife } from "./anomaly-life.ts";
import { describeAsOf } from "./as-of.ts";
import { describeBackfillClaims } from "./backfill-claims.ts";
import { describeBackfills } from "./backfills.ts";
import { describeCaptureSlots } from "./capture-slots.ts";
import { describeCaptures } from "./captures.ts";
import { describeCheckpoints } from "./checkpoints.ts";
import { describeClaims } from "./claims.ts";
import { describeDoomedTransactions } from "./doomed-transactions.ts";
import { describeFences } from "./fences.ts";
import { describeGates } from "./gates.ts";
import { describeHandles } from "./handles.ts";
import { describeHeads } from "./heads.ts";
import { describeHistory } from "./history.ts";
import { describeImports } from "./imports.ts";
import { describeJson } from "./json.ts";
import { describeLeases } from "./leases.ts";
import { describeLineage } from "./lineage.ts";
import { describeMapItems } from "./map-items.ts";
import { describeNoSql } from "./no-sql.ts";
import { describeOwners } from "./owners.ts";
import { describePayloads } from "./payloads.ts";
import { describeQuality } from "./quality.ts";
import { describeReadiness } from "./readiness.ts";
import { describeReferences } from "./references.ts";
import { describeRuns } from "./runs.ts";
import { describeSavepoints } from "./savepoints.ts";
import { describeSql } from "./sql.ts";
import { describeSqlRows } from "./sql-rows.ts";
import { describeSlots } from "./slots.ts";
import { describeSqlTransactions } from "./sql-transactions.ts";
import { describeStaleness } from "./staleness.ts";
import { createStoreTest } from "./store-test.ts";
import { describeTransactionLimits } from "./transaction-limits.ts";
import { describeTransactions } from "./transactions.ts";
import { describeUnchanged } from "./unchanged.ts";
import { describeWaiting } from "./waiting.ts";

/** What {@link describeStore} needs to know of the store it tests. */
export interface StoreSubject {
  /**
   * A provider over data that is empty and nobody else's; called for each test. The suite moves a clock of its own by hand, so
   * a store that could ask its database for the time must take it from the environment's clock here.
   */
  readonly create: () => StoreProvider | PromiseLike<StoreProvider>;
  /** Removes what `create` made, after the test has closed all its stores. */
  readonly destroy?: (provider: StoreProvider) => unknown;
  /** Before the first test and after the last one: a server, a folder. */
  readonly setup?: () => unknown;
  readonly teardown?: () => unknown;
  readonly capabilities: {
    /** Whether it runs SQL. */
    readonly sql: boolean;
    /** Whether one provider can be opened several times over the same data. */
    readonly shared: boolean;
  };
}

/**
 * The suite that every store must pass: what spine's engine relies on, as tests through the ports. Call it at the top of a
 * vitest file.
 * @example
 * describeStore("memory", { create: () => memory(), capabilities: { sql: false, shared: true } });
 */
export function describeStore(name: string, subject: StoreSubject): void {
  const { create, destroy = () => undefined, setup, teardown, capabilities } = subject;
  const test = createStoreTest(create, destroy);

  describe(`store ${name}`, () => {
    if (setup !== undefined) beforeAll(async () => void (await setup()));
    if (teardown !== undefined) afterAll(async () => void (await teardown()));

    describeRuns(test);
    describeCheckpoints(test);
    describeFences(test);
    describeClaims(test);
    describeOwners(test);
    describeWaiting(test);
    describeMapItems(test);
    describeSlots(test);
    describeHistory(test);
    describeJson(test);
    describeReferences(test);
    describeCaptures(test);
    describeCaptureSlots(test);
    describeLeases(test);
    describeAsOf(test);
    describeImports(test);
    describeHeads(test);
    describeGates(test);
    describeUnchanged(test);
    describeStaleness(test);
    describeLineage(test);
    describeAnomalies(test);
    describeAnomalyLife(test);
    describeQuality(test);
    describeReadiness(test);
    describeBackfills(test);
    describeBackfillClaims(test);
    describeTransactions(test);
    describeDoomedTransactions(test);
    describeSavepoints(test);
    describeTransactionLimits(test);
    describeHandles(test, capabilities);
    if (capabilities.sql) {
      describeSql(test);
      describeSqlRows(test);
      describeSqlTransactions(test);
      describePayloads(test);
    } else describeNoSql(test);
  });
}
