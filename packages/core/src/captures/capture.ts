import type { JsonObject } from "../json.ts";
import type { Instant } from "../time.ts";

/** How refined data is (medallion levels). Text, so that a team may have its own. */
export type CaptureTier = "BRONZE" | "SILVER" | "GOLD" | (string & {});

/**
 * `UNCHANGED` ends a capture whose content turned out to be that of the present one (`sameAs`): it is no version, its rows are swept,
 * and what remains is the note that somebody looked.
 */
export type CaptureStatus = "RUNNING" | "COMPLETE" | "FAILED" | "UNCHANGED";

/**
 * What a gate said of a capture. After `PASS` and `WARN` readers see it. `QUARANTINE` keeps it aside while readers go on with the capture
 * before; `BLOCK` does that and stops whatever depends on the partition, until another capture passes or somebody releases this one.
 */
export type GateDecision = "PASS" | "WARN" | "QUARANTINE" | "BLOCK";

/** The clocks by which a reader can ask for the past. */
export type CaptureClock = "available" | "captured" | "published";

/** What a capture is a version of. */
export interface CaptureSlot {
  /** Whose data: `finra.otc`. */
  readonly domain: string;
  /** Which slice: `2025-W23`, `2025-01-15`; several parts by {@link partitionKey}. */
  readonly partition: string;
  /** How far processed: `INGEST`, `NORMALIZE`. */
  readonly stage: string;
  readonly tier: CaptureTier;
}

/**
 * One version of one partition at one stage. Captures are appended and never overwritten; a reader sees a capture from
 * `availableAt` on, whole or not at all (design 4.6).
 */
export interface Capture extends CaptureSlot {
  readonly captureId: string;
  readonly status: CaptureStatus;
  readonly startedAt: Instant;
  readonly completedAt: Instant | undefined;
  readonly rowCount: number | undefined;
  readonly rejectCount: number | undefined;
  /** sha256 of the raw bytes and parameters for an ingest, of the canonical rows in key order for a derived stage. */
  readonly contentHash: string | undefined;
  /** Clock 1: the partition's business date. */
  readonly effectiveDate: string | undefined;
  /** Clock 2: when the source says it published. */
  readonly publishedAt: Instant | undefined;
  /** Clock 3: when we got it. */
  readonly capturedAt: Instant | undefined;
  /** Clock 4: when readers began to see it. */
  readonly availableAt: Instant | undefined;
  /** What the gate said; undefined when there was none, which lets a capture through. */
  readonly gate: GateDecision | undefined;
  /** The capture before it by the clock of availability. */
  readonly supersedes: string | undefined;
  /** Of an UNCHANGED capture: the present one that has the same content. */
  readonly sameAs: string | undefined;
  /** Why it was made: `first`, `restatement`, `forced`, `imported`, or the caller's own. */
  readonly reason: string | undefined;
  readonly error: string | undefined;
  readonly runId: string | undefined;
  readonly step: string | undefined;
  /** Set when it was computed from inputs as they stood then; such a capture is nobody else's present. */
  readonly asOf: Instant | undefined;
  /** Loaded as history: its published and available clocks were given, not read off the store. */
  readonly imported: boolean;
  /** When it became stale: something it was computed from, however far back, was restated. */
  readonly staleAt: Instant | undefined;
  /** The restatement that made it stale. */
  readonly staleBy: string | undefined;
  /** The process that writes it, and until when it may be silent; of a RUNNING capture. */
  readonly owner: string | undefined;
  readonly leaseUntil: Instant | undefined;
  readonly heartbeatAt: Instant | undefined;
  /** When its rows were removed, by retention or as leftovers; the entry stays. */
  readonly payloadRemovedAt: Instant | undefined;
  readonly metrics: JsonObject;
}

/**
 * A partition of several parts as one text in which the order of the parts does not count: `tier=OTC/week=2025-11-14`.
 * `%`, `/` and `=` inside a part are percent-encoded.
 */
export function partitionKey(parts: Readonly<Record<string, string | number>>): string {
  return Object.keys(parts)
    .toSorted()
    .map((name) => `${escapePart(name)}=${escapePart(String(parts[name]))}`)
    .join("/");
}

/** The parts of {@link partitionKey}; a text of another form is one part named `partition`. */
export function partitionParts(partition: string): Readonly<Record<string, string>> {
  const pairs = partition.split("/").map((part) => part.split("="));
  if (pairs.some((pair) => pair.length !== 2)) return { partition };
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [unescapePart(name), unescapePart(value)]));
}

function escapePart(text: string): string {
  return text.replaceAll(/[%/=]/g, (character) => encodeURIComponent(character));
}

/** Only what {@link escapePart} escapes: any other `%` is text, and decodeURIComponent would throw at it. */
function unescapePart(text: string): string {
  return text.replaceAll(/%(?:25|2F|3D)/g, (escaped) => decodeURIComponent(escaped));
}

/** `finra.otc tier=OTC/week=2025-11-14 INGEST/BRONZE`, for texts. */
export function slotText(slot: CaptureSlot): string {
  return `${slot.domain} ${slot.partition} ${slot.stage}/${slot.tier}`;
}
