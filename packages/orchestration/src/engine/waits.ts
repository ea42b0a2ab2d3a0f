import {
  type Clock,
  type Instant,
  instantOfMs,
  type JsonObject,
  msOf,
  type ResultAsync,
  type SignalRecord,
  type SignalStore,
  sleep,
  SpineError,
  type Suspension,
} from "@spine/core";
import type { Wait } from "./program.ts";

/** A wait as it is stored. */
export function waitDocument(wait: Wait): JsonObject {
  const { reason, until, signal, children, state } = wait;
  return {
    reason,
    ...(until === undefined ? {} : { until }),
    ...(signal === undefined ? {} : { signal }),
    ...(children === undefined ? {} : { children }),
    ...(state === undefined ? {} : { state }),
  };
}

/** What the steps of one run wait for, and which signals they have taken. */
export interface Waits {
  readonly isEmpty: boolean;
  entries(): Iterable<readonly [position: number, wait: Wait]>;
  /** What a step waited for when it was asked last. */
  of(position: number): Wait | undefined;
  add(position: number, wait: Wait): void;
  done(position: number): void;
  take(signal: string, sequence: number): void;
  signals(name: string, store: SignalStore): ResultAsync<readonly SignalRecord[], SpineError>;
  /** Lets the shortest wait pass in this process. Resolves to the steps that are to be asked again: all. */
  elapse(clock: Clock, signal: AbortSignal): Promise<readonly number[]>;
  /** How a run is to be parked. */
  parking(options: {
    readonly halt: "pause" | "shutdown" | undefined;
    readonly now: Instant;
    readonly deadlineMs: number | undefined;
  }): { readonly park: NonNullable<Suspension["park"]>; readonly dueAt: Instant | undefined };
}

export function createWaits(options: {
  readonly waits?: ReadonlyMap<number, Wait> | undefined;
  readonly taken?: ReadonlyMap<string, number> | undefined;
  readonly context: { readonly runId: string };
}): Waits {
  /** Of steps that are to be asked again. */
  const earlier = new Map(options.waits);
  const waiting = new Map<number, Wait>();
  const taken = new Map(options.taken);
  let seen = 0;

  return {
    get isEmpty() {
      return waiting.size === 0;
    },
    entries: () => waiting.entries(),
    of: (position) => earlier.get(position),
    add: (position, wait) => void waiting.set(position, wait),
    done: (position) => void earlier.delete(position),
    take: (signal, sequence) => void taken.set(signal, Math.max(sequence, taken.get(signal) ?? 0)),
    signals: (name, store) =>
      // The last signal looked at is not needed by anybody but the parking, which asks the store whether there is a later one.
      store.list({ runId: options.context.runId }).map((signals) => {
        seen = Math.max(seen, signals.at(-1)?.sequence ?? 0);
        return signals.filter((signal) => signal.name === name && signal.sequence > (taken.get(name) ?? 0));
      }),
    async elapse(clock, signal) {
      const untils = [...waiting.values()].flatMap(({ until }) => (until === undefined ? [] : [msOf(until)]));
      if (untils.length === 0) throw new SpineError("INTERNAL", "A run without a store waits for nothing that comes.");
      await sleep(clock, Math.max(0, Math.min(...untils) - clock.nowMs()), signal);
      const positions = [...waiting.keys()];
      for (const [position, wait] of waiting) earlier.set(position, wait);
      waiting.clear();
      return positions;
    },
    parking({ halt, now, deadlineMs }) {
      const all = [...waiting.values()];
      const untils = all.flatMap(({ until }) => (until === undefined ? [] : [until]));
      if (deadlineMs !== undefined) untils.push(instantOfMs(deadlineMs));
      const dueAt = halt === "pause" ? undefined : halt === "shutdown" ? now : untils.toSorted()[0];
      const children = all.flatMap((wait) => wait.children ?? []);
      // A run that waits for no signal is not woken by one it does not know.
      const signalsSeen = all.some(({ signal }) => signal !== undefined) ? seen : Number.MAX_SAFE_INTEGER;
      return { park: { dueAt, signalsSeen, ...(children.length === 0 ? {} : { children }) }, dueAt };
    },
  };
}
