import { err, ok, type Result, ResultAsync, SpineError, type Store, type StoreProvider } from "@spine/core";

export interface CrashPlan {
  /** Which write of the process is its last, from 1; later ones never come to it. */
  readonly write: number;
  /**
   * `before`: the process dies before the write is kept; `after`: it is kept, and the process dies before it hears of it; `error`: the
   * process lives, and this write and all after it fail.
   */
  readonly how: "before" | "after" | "error";
}

export interface CrashingStore extends StoreProvider {
  /** Writes so far. */
  readonly writes: number;
  /** Resolves when the process has died. */
  readonly crashed: Promise<void>;
}

const reads = new Set([
  "get",
  "list",
  "steps",
  "attempts",
  "events",
  "definition",
  "abandoned",
  "resolve",
  "many",
  "heads",
  "edges",
  "tables",
  "leftovers",
  "results",
  "changes",
  "acceptedGaps",
  "certificates",
  "items",
  "rejects",
  "rejectCounts",
  "due",
  "requests",
  "page",
  "tally",
]);
const never = new Promise<never>(() => undefined);

/** A store whose process dies at a write: from then on nothing it asks is answered, as after `kill -9`. */
export function crashingStore(provider: StoreProvider, plan?: CrashPlan): CrashingStore {
  let writes = 0;
  let dead = false;
  let failing = false;
  let tell: () => void = () => undefined;
  const crashed = new Promise<void>((resolve) => {
    tell = resolve;
  });

  function open(store: Store): Store {
    function die(): Promise<never> {
      dead = true;
      // What a database does with the transactions of a connection that breaks.
      void store.close();
      tell();
      return never;
    }

    /** Whether this write is the one, or comes after it. */
    function next(): boolean {
      writes += 1;
      return plan !== undefined && writes >= plan.write;
    }

    async function write<T>(
      call: (last: () => Promise<void>) => PromiseLike<Result<T, SpineError>>,
    ): Promise<Result<T, SpineError>> {
      if (dead) return never;
      const isLast = next();
      failing ||= isLast && plan?.how === "error";
      if (failing) return err(new SpineError("STORAGE_ERROR", "The disk is gone."));
      const result = await call(async () => {
        if (isLast && plan?.how === "before") await die();
      });
      if (dead) return never;
      return isLast && plan?.how === "after" ? die() : result;
    }

    async function read<T>(call: () => PromiseLike<Result<T, SpineError>>): Promise<Result<T, SpineError>> {
      if (dead) return never;
      const result = await call();
      return dead ? never : result;
    }

    function guarded<Port extends object>(port: Port): Port {
      const methods = Object.entries(port).map(
        ([name, method]: [string, (...args: unknown[]) => ResultAsync<unknown, SpineError>]) => [
          name,
          (...args: unknown[]) =>
            new ResultAsync(
              reads.has(name)
                ? read(() => method(...args))
                : write(async (last) => {
                    await last();
                    return method(...args);
                  }),
            ),
        ],
      );
      return Object.fromEntries(methods) as Port;
    }

    return {
      ...store,
      runs: guarded(store.runs),
      history: guarded(store.history),
      owners: guarded(store.owners),
      captures: guarded(store.captures),
      payloads: guarded(store.payloads),
      anomalies: guarded(store.anomalies),
      quality: guarded(store.quality),
      readiness: guarded(store.readiness),
      backfills: guarded(store.backfills),
      references: guarded(store.references),
      signals: guarded(store.signals),
      items: guarded(store.items),
      slots: guarded(store.slots),
      transaction: (work, options) =>
        new ResultAsync(
          write((last) =>
            store.transaction(async (tx) => {
              const value = await work(tx);
              await last();
              return value;
            }, options),
          ),
        ),
      close: () => (dead ? new ResultAsync(Promise.resolve(ok(undefined))) : store.close()),
    };
  }

  return {
    kind: provider.kind,
    open: (environment) => provider.open(environment).map(open),
    crashed,
    get writes() {
      return writes;
    },
  };
}
