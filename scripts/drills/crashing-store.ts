import type { Store, StoreProvider, StoreTransaction } from "@spine/core";

/** Where a process dies: at its n-th moment, from 1. A moment lies before and after each call of the store. */
export interface CrashPoint {
  readonly at: number | undefined;
}

export interface CrashingProvider extends StoreProvider {
  /** Moments so far. */
  moments(): number;
}

/**
 * A provider whose store kills this process (`kill -9`, so nothing is cleaned up) at a chosen moment of its work: before or after
 * any write or read, inside transactions too.
 */
export function crashing(provider: StoreProvider, { at }: CrashPoint): CrashingProvider {
  let seen = 0;
  const moment = (): void => {
    seen += 1;
    if (seen === at) process.kill(process.pid, "SIGKILL");
  };
  return {
    kind: provider.kind,
    moments: () => seen,
    open: (environment) => provider.open(environment).map((store) => counted(store, moment)),
  };
}

const ports = new Set([
  "runs",
  "history",
  "owners",
  "captures",
  "anomalies",
  "references",
  "signals",
  "items",
  "slots",
  "payloads",
  "quality",
  "readiness",
  "backfills",
  "sql",
]);

function counted(store: Store, moment: () => void): Store {
  return withCalls(store, (name, value) => {
    if (ports.has(name)) return countedPort(value as object, moment);
    if (name !== "transaction") return value;
    return (work: (tx: StoreTransaction) => unknown, options: unknown) =>
      countedCall(
        () => store.transaction((tx) => work(countedTransaction(tx, moment)), options as { deadlineMs?: number }),
        moment,
      );
  });
}

function countedTransaction(tx: StoreTransaction, moment: () => void): StoreTransaction {
  return withCalls(tx, (name, value) => {
    if (ports.has(name)) return countedPort(value as object, moment);
    return typeof value === "function" ? countedFunction(tx, value, moment) : value;
  });
}

function countedPort(port: object, moment: () => void): object {
  return withCalls(port, (_, value) => (typeof value === "function" ? countedFunction(port, value, moment) : value));
}

function countedFunction(owner: object, call: object, moment: () => void): (...args: unknown[]) => unknown {
  return (...args) => countedCall(() => (call as (...given: unknown[]) => unknown).apply(owner, args), moment);
}

function countedCall<T>(call: () => T, moment: () => void): T {
  moment();
  const returned = call();
  // A ResultAsync stays one: its callers chain on it.
  void Promise.resolve(returned).then(moment);
  return returned;
}

/** Over an empty target, as a proxy of a frozen object may not answer anything but what it holds. */
function withCalls<T extends object>(target: T, read: (name: string, value: unknown) => unknown): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name);
      return typeof name === "string" ? read(name, value) : value;
    },
    has: (_, name) => Reflect.has(target, name),
  });
}
