import { type Capture, type Instant, orThrow, slotText, type Store } from "@spine/core";
import { deadHere } from "@spine/orchestration";
import { capturePages } from "../captures/find-capture.ts";
import { countOf, instantText } from "../output/format.ts";
import type { Check } from "./check.ts";

/** Pages of 500 captures that are looked at for each kind of finding. */
const most = 4;
/** Findings of one kind that are told one by one. */
const toldOneByOne = 5;
const leftoversAskedFor = 1000;

export interface CaptureChecksOptions {
  readonly now: Instant;
  /** Captures that other findings are about already. */
  readonly told: ReadonlySet<string>;
}

/** Whether captures are stale, held back, held by nobody, or have left rows that nobody can read. */
export async function captureChecks(store: Store, { now, told }: CaptureChecksOptions): Promise<readonly Check[]> {
  return [
    ...(await staleChecks(store, told)),
    ...(await heldBackChecks(store, told)),
    ...(await leaseChecks(store, now)),
    ...(await leftoverChecks(store)),
  ];
}

async function staleChecks({ captures }: Store, told: ReadonlySet<string>): Promise<readonly Check[]> {
  const stale: Capture[] = [];
  for await (const page of capturePages(captures, { stale: true, available: true }, { most })) {
    for (const capture of page) {
      if (told.has(capture.captureId)) continue;
      const { domain, partition, stage, tier } = capture;
      const current = await orThrow(captures.resolve({ domain, partition, stage, tier }));
      if (current?.captureId === capture.captureId) stale.push(capture);
    }
  }
  return several("stale", stale, {
    text: (capture) => `${slotText(capture)} is stale since ${instantText(capture.staleAt ?? "")}`,
    remedy: ({ captureId }) => `spine lineage ${captureId} (then run its pipeline again, or backfill in mode stale)`,
    rest: "spine captures --stale",
  });
}

async function heldBackChecks({ captures }: Store, told: ReadonlySet<string>): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const gate of ["BLOCK", "QUARANTINE"] as const) {
    const held: Capture[] = [];
    for await (const page of capturePages(captures, { gate }, { most })) {
      for (const capture of page) {
        if (told.has(capture.captureId)) continue;
        const { domain, partition, stage, tier } = capture;
        const [last] = await orThrow(captures.list({ domain, partition, stage, tier, status: "COMPLETE", limit: 1 }));
        if (last?.captureId === capture.captureId) held.push(capture);
      }
    }
    const found = several("gates", held, {
      text: (capture) => `${slotText(capture)} is ${gate === "BLOCK" ? "blocked" : "quarantined"} by its gate`,
      remedy: ({ captureId }) => `spine captures show ${captureId}`,
      rest: `spine captures --gate ${gate}`,
    });
    checks.push(...found.map((check): Check => (gate === "BLOCK" ? { ...check, status: "problem" } : check)));
  }
  return checks;
}

async function leaseChecks({ captures, owners }: Store, now: Instant): Promise<readonly Check[]> {
  const known = await orThrow(owners.list());
  const gone = new Set(deadHere(known).map(({ owner }) => owner));
  const left: Capture[] = [];
  for await (const page of capturePages(captures, { status: "RUNNING" }, { most })) {
    left.push(...page.filter((capture) => isLeft(capture, gone, now)));
  }
  return several("leases", left, {
    text: (capture) => `${slotText(capture)} is being written by a process that is gone (${capture.captureId})`,
    remedy: ({ runId }) =>
      runId === undefined ? "start it again: the next capture takes it over" : `spine resume ${runId.split(":", 1)[0]}`,
    rest: "spine captures --status RUNNING",
  });
}

function isLeft({ owner, leaseUntil }: Capture, gone: ReadonlySet<string>, now: Instant): boolean {
  if (owner === undefined) return false;
  return gone.has(owner) || (leaseUntil !== undefined && leaseUntil <= now);
}

async function leftoverChecks({ payloads }: Store): Promise<readonly Check[]> {
  const left = await orThrow(payloads.leftovers({ limit: leftoversAskedFor }));
  if (left.length === 0) return [];
  const many = left.length === leftoversAskedFor ? "at least " : "";
  const check: Check = {
    name: "leftovers",
    status: "warning",
    text: `${many}${countOf(left.length, "capture")} that failed or turned out unchanged left rows behind`,
    remedy: "spine captures sweep",
  };
  return [check];
}

interface Telling {
  text(capture: Capture): string;
  remedy(capture: Capture): string;
  /** The command that shows all of them. */
  readonly rest: string;
}

/** The first few findings one by one, the rest by their number. */
function several(name: string, captures: readonly Capture[], { text, remedy, rest }: Telling): readonly Check[] {
  const checks = captures
    .slice(0, toldOneByOne)
    .map((capture): Check => ({ name, status: "warning", text: text(capture), remedy: remedy(capture) }));
  const more = captures.length - checks.length;
  return more <= 0 ? checks : [...checks, { name, status: "warning", text: `and ${more} more`, remedy: rest }];
}
