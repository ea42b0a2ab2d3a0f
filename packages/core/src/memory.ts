import { SpineError } from "./errors/spine-error.ts";
import { createAnomalyStore } from "./memory/anomalies.ts";
import { createHandleAccess } from "./memory/access.ts";
import { createBackfillStore } from "./memory/backfills.ts";
import { createCaptureStore } from "./memory/captures.ts";
import { createRunHistory } from "./memory/history.ts";
import { createItemStore } from "./memory/items.ts";
import { createNoSql } from "./memory/no-sql.ts";
import { createOwnerStore } from "./memory/owners.ts";
import { createPayloadStore } from "./memory/payloads.ts";
import { createQualityStore } from "./memory/quality.ts";
import { createReadinessStore } from "./memory/readiness.ts";
import { createReferenceStore } from "./memory/references.ts";
import { createRunStore } from "./memory/runs.ts";
import { createSignalStore } from "./memory/signals.ts";
import { createSlotStore } from "./memory/run-slots.ts";
import { createState, type MemoryState } from "./memory/state.ts";
import { runTransaction } from "./memory/transaction.ts";
import { errAsync, okAsync, ResultAsync } from "./result.ts";
import type { Store, StoreEnvironment, StoreProvider } from "./store/store.ts";
import { type Clock, type Instant, instantOfMs } from "./time.ts";

/**
 * A store that keeps everything in this process: for tests, examples and work that needs no history. Same promises as the
 * SQL stores but the disk and SQL itself. What one provider opens shares one state, so a second `open` sees what the first
 * one left behind; closing a store closes that handle only.
 * @example
 * const spine = await orThrow(createSpine({ store: memory(), pipelines: [ingest] }));
 */
export function memory(): StoreProvider {
  const state = createState();
  return Object.freeze({
    kind: "memory",
    open: (environment: StoreEnvironment) => okAsync<Store, SpineError>(openHandle(state, environment)),
  });
}

function openHandle(state: MemoryState, { clock }: StoreEnvironment): Store {
  const access = createHandleAccess(state);
  const now = stamper(clock);
  const open = new Set<(reason: SpineError) => void>();
  return Object.freeze<Store>({
    kind: "memory",
    location: "memory",
    capabilities: Object.freeze(new Set<string>()),
    runs: createRunStore(state, access, now),
    history: createRunHistory(state, access),
    signals: createSignalStore(state, access, now),
    items: createItemStore(state, access),
    slots: createSlotStore(state, access, now),
    owners: createOwnerStore(state, access, clock),
    captures: createCaptureStore(state.ledger, access, now),
    payloads: createPayloadStore(state.ledger, access, now),
    anomalies: createAnomalyStore(state.ledger, access, now),
    quality: createQualityStore(state.ledger, access, now),
    readiness: createReadinessStore(state, access, now),
    backfills: createBackfillStore(state, access, now),
    references: createReferenceStore(state.ledger, access),
    sql: createNoSql(access),
    transaction(work, { deadlineMs = 30_000 } = {}) {
      const refused = access.refusal();
      if (refused !== undefined) return errAsync(refused);
      return new ResultAsync(
        runTransaction(state, work, {
          clock,
          now,
          deadlineMs,
          refusal: access.refusal,
          onOpen(cancel) {
            open.add(cancel);
            return () => void open.delete(cancel);
          },
        }),
      );
    },
    close() {
      access.close();
      for (const cancel of open)
        cancel(new SpineError("HOST_CLOSED", "The memory store was closed during a transaction."));
      return okAsync(undefined);
    },
  });
}

/** The clock's time as text, made once for each millisecond: a run of many steps asks far more often than that. */
function stamper(clock: Clock): () => Instant {
  let lastMs = Number.NaN;
  let text = "" as Instant;
  return () => {
    const nowMs = clock.nowMs();
    if (nowMs !== lastMs) {
      text = instantOfMs(nowMs);
      lastMs = nowMs;
    }
    return text;
  };
}
