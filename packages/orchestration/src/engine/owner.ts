import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import {
  type Clock,
  errAsync,
  type IdSource,
  type Logger,
  okAsync,
  type OwnerRecord,
  type OwnerStore,
  type ResultAsync,
  SpineError,
} from "@spine/core";

const leaseMs = 60_000;
const beatMs = 15_000;

/** This process as an owner of runs: one lease for all of them, renewed while there is any reason to. */
export interface Owner {
  readonly id: string;
  /** Registers on first use, then keeps the lease alive. */
  ensure(): ResultAsync<void, SpineError>;
  retire(): ResultAsync<void, SpineError>;
}

export function createOwner(options: {
  readonly owners: OwnerStore;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly logger: Logger;
}): Owner {
  const { owners, clock, logger } = options;
  const id = options.ids.next("own");
  const place = thisPlace();
  let registered: ResultAsync<void, SpineError> | undefined;
  let cancelTimer: () => void = () => undefined;

  const beat = (): ResultAsync<void, SpineError> => owners.beat({ owner: id, place, pid: process.pid, leaseMs });
  const schedule = (): void => {
    const renew = (): void => {
      schedule();
      void beat().mapErr((error) =>
        logger.warn("The lease of this process could not be renewed.", { error: error.message }),
      );
    };
    // A process that has nothing to do but beat may end.
    cancelTimer = clock.setTimer(beatMs, renew, { background: true });
  };

  return {
    id,
    ensure() {
      registered ??= beat()
        .map(schedule)
        .mapErr((error) => {
          registered = undefined;
          return error;
        });
      return registered;
    },
    retire() {
      cancelTimer();
      return registered === undefined ? okAsync(undefined) : owners.retire({ owner: id });
    },
  };
}

/** The owner of an engine that records nothing. */
export const nobody: Owner = Object.freeze({
  id: "nobody",
  ensure: () =>
    errAsync(
      new SpineError(
        "CAPABILITY_MISSING",
        "Owning runs and captures needs a store. Use memory(), sqlite() or postgres().",
      ),
    ),
  retire: () => okAsync(undefined),
});

/** Owners in the store that this machine can see are gone. */
export function deadOwnersHere(owners: OwnerStore): ResultAsync<readonly string[], SpineError> {
  return owners.list().map((records) => deadHere(records).map(({ owner }) => owner));
}

/** Owners that this machine can see are gone although their lease has not run out. */
export function deadHere(owners: readonly OwnerRecord[]): readonly OwnerRecord[] {
  const place = thisPlace();
  return owners.filter((owner) => owner.place === place && !processLives(owner.pid));
}

/**
 * Names the set of processes whose ids mean something to each other: the machine, its boot, and the pid namespace (containers of
 * one machine share the first two). Elsewhere than on Linux the host's name must do.
 */
let place: string | undefined;
function thisPlace(): string {
  return (place ??= [
    hostname(),
    readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    readOr(() => readlinkSync("/proc/self/ns/pid")),
  ]
    .filter((part) => part !== "")
    .join(" "));
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (thrown) {
    // EPERM: it lives and belongs to somebody else.
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A process that died and whose parent has not asked for it yet still has its pid, but does nothing any more. */
function isZombie(pid: number): boolean {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The state follows the command's name, which is in brackets and may hold anything (proc_pid_stat(5)).
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}
