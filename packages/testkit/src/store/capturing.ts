import type {
  Capture,
  CompleteCapture,
  CompletedCapture,
  Instant,
  ResolveCapture,
  StartCapture,
  Store,
} from "@spine/core";
import { buildCapture, buildSlot } from "../builders.ts";
import { expectOk } from "../expect-result.ts";

type CaptureGiven = Partial<StartCapture> & Partial<Omit<CompleteCapture, "captureId" | "contentHash" | "publishedAt">>;

/** Starts and completes a capture. */
export async function capture(store: Store, given: CaptureGiven): Promise<CompletedCapture> {
  const { rowCount = 1, rejectCount, gate, metrics, ...start } = given;
  const { captureId } = await expectOk(store.captures.start(buildCapture(start)));
  return expectOk(store.captures.complete({ captureId, rowCount, rejectCount, gate, metrics }));
}

/** The capture with this id, which must be there. */
export async function captureOf(store: Store, captureId: string): Promise<Capture> {
  const found = await expectOk(store.captures.get({ captureId }));
  if (found === undefined) throw new Error(`Capture ${captureId} is not there.`);
  return found;
}

/** What readers see of the suite's slot. */
export async function seenId(store: Store, given: Partial<ResolveCapture> = {}): Promise<string | undefined> {
  return (await expectOk(store.captures.resolve({ ...buildSlot(), ...given })))?.captureId;
}

/** Ids of the captures that are stale. */
export async function staleIds(store: Store): Promise<readonly string[]> {
  const stale = await expectOk(store.captures.list({ stale: true }));
  return stale.map(({ captureId }) => captureId).toSorted();
}

/** All edges up or down from a capture, as `capture←input`. */
export async function edgeTexts(
  store: Store,
  from: Parameters<Store["captures"]["edges"]>[0],
): Promise<readonly string[]> {
  const edges = await expectOk(store.captures.edges(from));
  return edges.map(({ captureId, input }) => `${captureId}←${input}`).toSorted();
}

/** An instant of December 2025: `day("20")`, `day("21T12")`. */
export function day(text: string): Instant {
  return `2025-12-${text.includes("T") ? text : `${text}T00`}:00:00.000Z` as Instant;
}

export const dayMs = 86_400_000;
