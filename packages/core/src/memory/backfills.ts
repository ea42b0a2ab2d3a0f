import type { BackfillItem } from "../backfill/backfill.ts";
import {
  backfillNotEnded,
  backfillNotFound,
  backfillStatusAfter,
  isBackfillEnd,
  moveBackfill,
} from "../backfill/backfill-life.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result } from "../result.ts";
import type { BackfillStore } from "../store/backfills.ts";
import { type Instant, msOf } from "../time.ts";
import type { Access } from "./access.ts";
import {
  type BackfillState,
  changeItem,
  countsOf,
  type ItemState,
  newBackfillState,
  toBackfill,
  toItem,
} from "./backfill-state.ts";
import { isAlive } from "./owners.ts";
import type { MemoryState } from "./state.ts";
import { appendAll } from "./table.ts";

type Claim = Parameters<BackfillStore["claim"]>[0];
type Settled = Parameters<BackfillStore["settle"]>[0];

export function createBackfillStore(state: MemoryState, access: Access, now: () => Instant): BackfillStore {
  const { backfills } = state;

  function find(backfillId: string): Result<BackfillState, SpineError> {
    const backfill = backfills.get(backfillId);
    return backfill === undefined ? err(backfillNotFound(backfillId)) : ok(backfill);
  }

  return Object.freeze<BackfillStore>({
    create: (given) =>
      access.write(() =>
        newBackfillState(given, now()).andThen((backfill) =>
          appendAll(backfills, [backfill], () => given.backfillId).map(() => toBackfill(backfill)),
        ),
      ),
    get: ({ backfillId }) =>
      access.read(() => {
        const backfill = backfills.get(backfillId);
        return ok(backfill === undefined ? undefined : toBackfill(backfill));
      }),
    list: ({ status, limit = 100 }) =>
      access.read(() => {
        const found = [...backfills.values()].filter((backfill) => status === undefined || backfill.status === status);
        return ok(Object.freeze(found.toReversed().slice(0, limit).map(toBackfill)));
      }),
    items: ({ backfillId, status, after = -1, limit }) =>
      access.read(() => {
        const found = (backfills.get(backfillId)?.items ?? []).filter(
          (item) => item.position > after && (status === undefined || item.status === status),
        );
        return ok(Object.freeze(found.slice(0, limit).map(toItem)));
      }),
    change: ({ backfillId, to }) =>
      access.write(() =>
        find(backfillId).andThen((backfill) =>
          moveBackfill({ backfillId, status: backfill.status }, to).map((status) => {
            if (backfill.status !== status) move(backfill, status, now());
            return toBackfill(backfill);
          }),
        ),
      ),
    claim: (claim) => access.write(() => ok(claimItem(state, claim, now()))),
    settle: (item) =>
      access.write(() => {
        const backfill = backfills.get(item.backfillId);
        const isKept = backfill !== undefined && settleItem(backfill, item, now());
        return ok(isKept ? toBackfill(backfill) : undefined);
      }),
    retryFailed: ({ backfillId }) =>
      access.write(() =>
        find(backfillId).andThen((backfill) => {
          if (!isBackfillEnd(backfill.status)) return err(backfillNotEnded({ backfillId, status: backfill.status }));
          return ok(retryItems(backfill));
        }),
      ),
  });
}

function move(backfill: BackfillState, status: BackfillState["status"], at: Instant): void {
  backfill.status = status;
  if (status === "RUNNING") backfill.startedAt ??= at;
  if (status !== "CANCELLED") return;
  for (const item of backfill.items) {
    if (item.status === "PENDING") changeItem(backfill, item, { status: "CANCELLED", completedAt: at });
  }
  if (countsOf(backfill).running === 0) backfill.completedAt = at;
}

/** What somebody left behind comes before what nobody has begun. */
function claimItem(
  state: MemoryState,
  { backfillId, owner, deadOwners, runId }: Claim,
  at: Instant,
): BackfillItem | undefined {
  const backfill = state.backfills.get(backfillId);
  if (backfill?.status !== "RUNNING") return undefined;
  const isLeft = (item: ItemState): boolean =>
    item.owner !== owner &&
    (item.owner === undefined || deadOwners.includes(item.owner) || !isAlive(state, item.owner, msOf(at)));
  const running = backfill.items.filter(({ status }) => status === "RUNNING");
  const left = running.find(isLeft);
  const pending =
    running.length < backfill.given.maxParallel ? backfill.items.find(({ status }) => status === "PENDING") : undefined;
  const item = left ?? pending;
  if (item === undefined) return undefined;
  const begun = changeItem(backfill, item, {
    status: "RUNNING",
    owner,
    runId: item.runId ?? runId,
    attempt: item.attempt + 1,
    startedAt: item.startedAt ?? at,
  });
  return toItem(begun);
}

function settleItem(backfill: BackfillState, { position, owner, status, error }: Settled, at: Instant): boolean {
  const item = backfill.items[position];
  if (item?.status !== "RUNNING" || item.owner !== owner) return false;
  const isBack = status === "PENDING" && backfill.status !== "CANCELLED";
  changeItem(backfill, item, {
    status: status === "PENDING" && !isBack ? "CANCELLED" : status,
    error,
    owner: undefined,
    completedAt: isBack ? undefined : at,
  });
  const counts = countsOf(backfill);
  backfill.status = backfillStatusAfter(backfill.status, counts);
  if (counts.pending + counts.running === 0) backfill.completedAt = at;
  return true;
}

function retryItems(backfill: BackfillState): number {
  const failed = backfill.items.filter(({ status }) => status === "FAILED");
  const fresh = {
    status: "PENDING",
    runId: undefined,
    error: undefined,
    startedAt: undefined,
    completedAt: undefined,
  } as const;
  for (const item of failed) changeItem(backfill, item, fresh);
  if (failed.length > 0) {
    backfill.status = "PLANNED";
    backfill.completedAt = undefined;
  }
  return failed.length;
}
