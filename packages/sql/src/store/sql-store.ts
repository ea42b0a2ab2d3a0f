import { err, nowOf, resultAsync, type Store, type StoreEnvironment } from "@spine/core";
import type { SqlEngine } from "../engine.ts";
import { kyselyOf, withTraits } from "../kysely-of.ts";
import { createStoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";
import { createEngineAccess } from "../transaction/engine-access.ts";
import { createAnomalyStore } from "./anomalies.ts";
import { createBackfillStore } from "./backfills.ts";
import { createCaptureStore } from "./captures.ts";
import type { StoreContext } from "./context.ts";
import { createRunHistory } from "./history.ts";
import { createHotWrites } from "./hot.ts";
import { createItemStore } from "./items.ts";
import { createOwnerStore } from "./owners.ts";
import { createPayloadStore } from "./payloads.ts";
import { createQualityStore } from "./quality.ts";
import { createReadinessStore } from "./readiness.ts";
import { createReferenceStore } from "./references.ts";
import { createRunStore } from "./runs.ts";
import { createSignalStore } from "./signals.ts";
import { createSlotStore } from "./slots.ts";
import { runScript } from "./script.ts";
import { buildStatements } from "./statements.ts";
import { createStoreTransaction } from "./store-transaction.ts";

/** What a call of a port that needs several statements may take; nothing of the caller's runs inside. */
const ownDeadlineMs = 30_000;

/** Every port of core over one engine whose tables are there: see {@link openSqlStore}. Closing the store closes the engine. */
export function createSqlStore(engine: SqlEngine, environment: StoreEnvironment): Store {
  const { traits } = engine;
  const access = createEngineAccess(engine, environment.clock);
  const clock = createStoreClock(traits, environment.clock);
  // The ports' own statements go past the checks that their callers have been through.
  const executor = withTraits({ execute: engine.execute, insert: engine.insert }, traits);
  const statements = buildStatements(traits, () => nowOf(environment.clock));
  const context: StoreContext = {
    traits,
    clock,
    statements,
    executor,
    db: kyselyOf<CoreTables>(executor),
    attempt: access.attempt,
    async atomic(work) {
      const begun = await engine.begin({ deadlineMs: ownDeadlineMs });
      if (begun.isErr()) return err(begun.error);
      const { execute, insert, commit, rollback } = begun.value;
      const own = withTraits({ execute, insert }, traits);
      const outcome = await resultAsync(() => work(kyselyOf(own), own));
      const ended = await (outcome.isOk() ? commit() : rollback());
      return outcome.andThen((value) => ended.map(() => value));
    },
    prepared: ({ sql, params }) => engine.executePrepared(sql, params),
    script: (script) => runScript(engine, script, ownDeadlineMs),
  };
  const hot = createHotWrites({ engine, traits, clock, db: context.db, now: () => nowOf(environment.clock) });

  return Object.freeze<Store>({
    kind: engine.kind,
    location: engine.location,
    capabilities: Object.freeze(new Set(["sql"])),
    runs: createRunStore(context, hot),
    history: createRunHistory(context),
    signals: createSignalStore(context),
    items: createItemStore(context),
    slots: createSlotStore(context),
    owners: createOwnerStore(context, engine),
    captures: createCaptureStore(context),
    payloads: createPayloadStore(context),
    anomalies: createAnomalyStore(context),
    quality: createQualityStore(context),
    readiness: createReadinessStore(context),
    backfills: createBackfillStore(context),
    references: createReferenceStore(context),
    sql: access.executor,
    transaction: (work, { deadlineMs = 30_000 } = {}) =>
      access.transaction(
        {
          deadlineMs,
          createHandle: (session, scope) => createStoreTransaction({ session, scope, traits, clock, hot, statements }),
        },
        work,
      ),
    close: access.close,
  });
}
