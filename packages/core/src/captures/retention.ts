import { ConfigError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result, type ResultAsync, resultAsync } from "../result.ts";
import type { Store } from "../store/store.ts";
import { type Clock, type Instant, instantOfMs } from "../time.ts";
import { type Capture, slotText } from "./capture.ts";
import { type RemovalOptions, removePayload } from "./payload-removal.ts";
import { compareVersions, isHeldBack } from "./settle.ts";

/** How long rows of captures that nobody reads any more are kept. Where both limits are given, both must allow the removal. */
export interface Retention {
  readonly domain: string;
  /** @defaultValue all */
  readonly stage?: string | undefined;
  /** @defaultValue all */
  readonly tier?: string | undefined;
  /** How many versions of each slot keep their rows, the present one included. */
  readonly keepVersions?: number | undefined;
  /** For how many days rows are kept after readers went on to the next version. */
  readonly keepDays?: number | undefined;
}

export interface RemovableCapture {
  readonly capture: Capture;
  /** Readers have a later version; a gate holds it back; it belongs to a run of an old view of the world. */
  readonly because: "superseded" | "held-back" | "as-of";
}

/** What a retention would remove now. */
export interface RetentionPlan {
  readonly retention: Retention;
  /** By slot, oldest version first, with the tables that have rows of it. */
  readonly captures: readonly (RemovableCapture & { readonly tables: readonly string[] })[];
  readonly at: Instant;
}

export interface Retained {
  readonly captures: number;
  readonly rows: number;
  /** Captures that came into use since the plan was made. */
  readonly skipped: readonly { readonly captureId: string; readonly why: string }[];
}

const dayMs = 86_400_000;
const pageSize = 1000;

/** Declares a retention. Throws on a mistake in program text (`CONFIG_INVALID`). */
export function defineRetention(retention: Retention): Retention {
  const { domain, keepVersions, keepDays } = retention;
  if (keepVersions === undefined && keepDays === undefined) {
    throw new ConfigError(`The retention of "${domain}" keeps everything. Pass keepVersions or keepDays.`);
  }
  if (keepVersions !== undefined && (!Number.isSafeInteger(keepVersions) || keepVersions < 1)) {
    throw new ConfigError(
      `The retention of "${domain}" keeps ${keepVersions} versions. Pass a whole number from 1 on.`,
    );
  }
  if (keepDays !== undefined && !(keepDays >= 0)) {
    throw new ConfigError(`The retention of "${domain}" keeps rows for ${keepDays} days. Pass a number from 0 on.`);
  }
  return Object.freeze({ ...retention });
}

/**
 * The captures whose rows a retention removes, of all captures of its slots: never one that runs, never one readers see now, none that failed
 * (those are swept).
 */
export function removableCaptures(
  { keepVersions, keepDays }: Pick<Retention, "keepVersions" | "keepDays">,
  captures: readonly Capture[],
  now: Instant,
): readonly RemovableCapture[] {
  const nowMs = Date.parse(now);
  const isOld = (since: Instant | undefined): boolean =>
    since !== undefined && (keepDays === undefined || nowMs - Date.parse(since) >= keepDays * dayMs);
  return bySlot(captures.filter(({ status }) => status === "COMPLETE")).flatMap((slot) => {
    const versions = slot.filter(isVersion).toSorted((left, right) => compareVersions("available", right, left));
    const superseded = versions
      .filter((capture, rank) => rank >= (keepVersions ?? 1) && isOld(lastNeeded(capture, versions[rank - 1])))
      .toReversed()
      .map((capture): RemovableCapture => ({ capture, because: "superseded" }));
    const aside = slot
      .filter((capture) => !isVersion(capture) && (capture.asOf !== undefined || isHeldBack(capture.gate)))
      .filter(({ completedAt }) => isOld(completedAt) && laterThan(versions, completedAt) >= (keepVersions ?? 0))
      .map((capture): RemovableCapture => ({ capture, because: capture.asOf === undefined ? "held-back" : "as-of" }));
    return [...superseded, ...aside].filter(({ capture }) => capture.payloadRemovedAt === undefined);
  });
}

/** What a retention would remove now, and from which tables. Writes nothing. */
export function planRetention(
  retention: Retention,
  { store, clock }: { readonly store: Pick<Store, "captures" | "payloads">; readonly clock: Clock },
): ResultAsync<RetentionPlan, SpineError> {
  return resultAsync(async () => {
    const all = await allCaptures(store, retention);
    if (all.isErr()) return err(all.error);
    const at = instantOfMs(clock.nowMs());
    const captures: RetentionPlan["captures"][number][] = [];
    for (const removable of removableCaptures(retention, all.value, at)) {
      const tables = await store.payloads.tables({ captureId: removable.capture.captureId });
      if (tables.isErr()) return err(tables.error);
      if (tables.value.length > 0) captures.push(Object.freeze({ ...removable, tables: tables.value }));
    }
    return ok(Object.freeze({ retention, captures: Object.freeze(captures), at }));
  });
}

/**
 * Removes the rows a plan names, in short commits; the entries in the ledger stay, and with them provenance and hashes. Reading such a capture
 * as of then fails with `CAPTURE_PAYLOAD_GONE`. What was stopped goes on with the next plan.
 */
export function applyRetention(
  plan: RetentionPlan,
  { store, ...options }: RemovalOptions & { readonly store: Pick<Store, "payloads"> },
): ResultAsync<Retained, SpineError> {
  return resultAsync(async () => {
    const skipped: Retained["skipped"][number][] = [];
    let captures = 0;
    let rows = 0;
    for (const { captureId } of plan.captures.map(({ capture }) => capture)) {
      const removal = await removePayload(store.payloads, captureId, options);
      if (removal.isErr()) {
        if (removal.error.code !== "CAPTURE_IN_USE") return err(removal.error);
        skipped.push({ captureId, why: removal.error.message });
        continue;
      }
      rows += removal.value.rows;
      if (!removal.value.isDone) break;
      captures += 1;
    }
    return ok({ captures, rows, skipped });
  });
}

async function allCaptures(
  { captures }: Pick<Store, "captures">,
  { domain, stage, tier }: Retention,
): Promise<Result<readonly Capture[], SpineError>> {
  const all: Capture[] = [];
  for (;;) {
    const before = all.at(-1)?.captureId;
    const page = await captures.list({ domain, stage, tier, status: "COMPLETE", before, limit: pageSize });
    if (page.isErr()) return err(page.error);
    all.push(...page.value);
    if (page.value.length < pageSize) return ok(all);
  }
}

function bySlot(captures: readonly Capture[]): readonly (readonly Capture[])[] {
  const slots = new Map<string, Capture[]>();
  for (const capture of captures) {
    const slot = slots.get(slotText(capture));
    if (slot === undefined) slots.set(slotText(capture), [capture]);
    else slot.push(capture);
  }
  return [...slots.values()];
}

function isVersion({ availableAt, asOf }: Capture): boolean {
  return availableAt !== undefined && asOf === undefined;
}

/** History counts from when it was loaded: it would be old at once by the clock of its next version. */
function lastNeeded({ completedAt }: Capture, next: Capture | undefined): Instant | undefined {
  const replacedAt = next?.availableAt;
  if (replacedAt === undefined || completedAt === undefined) return undefined;
  return replacedAt > completedAt ? replacedAt : completedAt;
}

function laterThan(versions: readonly Capture[], completedAt: Instant | undefined): number {
  return versions.filter((version) => completedAt !== undefined && (version.completedAt ?? "") > completedAt).length;
}
