import { type Capture, type CaptureStatus, orThrow, type Store } from "@spine/core";

/** What becomes of a winner before its slot is fought for again. */
export const endings = ["completes", "finds nothing new", "fails", "is held back", "dies", "loses its lease"] as const;
type Ending = (typeof endings)[number];

/** A capture that won its slot. */
export interface Winner {
  readonly captureId: string;
  readonly owner: string;
  readonly ending: Ending;
}

/** Lets the last winner of a slot end as it is to end. */
export async function endWinner(store: Store, won: readonly Winner[]): Promise<void> {
  const { captureId = "", ending } = won.at(-1) ?? {};
  const rowCount = won.length;
  switch (ending) {
    case "completes":
      await orThrow(store.captures.complete({ captureId, rowCount, contentHash: `content_${rowCount}` }));
      return;
    case "finds nothing new": {
      const capture = await orThrow(store.captures.get({ captureId }));
      const present = await presentOf(store, capture?.partition ?? "");
      await orThrow(store.captures.complete({ captureId, rowCount, contentHash: present?.contentHash ?? "first" }));
      return;
    }
    case "is held back":
      await orThrow(store.captures.complete({ captureId, rowCount, gate: "BLOCK" }));
      return;
    case "fails":
      await orThrow(store.captures.fail({ captureId, error: "on purpose" }));
      return;
    case "loses its lease": {
      const lapse = "update core_manifest set lease_until = started_at where capture_id = ?";
      await orThrow(store.sql.execute(lapse, [captureId]));
      return;
    }
    default:
    // Nobody says that it died: whoever wants its slot has to know.
  }
}

/** What the ledger says of a slot that is not what happened to it. */
export async function untruthsOfSlot(
  store: Store,
  partition: string,
  won: readonly Winner[],
): Promise<readonly string[]> {
  const captures = await orThrow(store.captures.list({ domain: "drill", partition, limit: won.length + 10 }));
  const problems: string[] = [];
  if (captures.length !== won.length)
    problems.push(`${won.length} winners, and ${captures.length} captures in the ledger`);
  let before: Capture | undefined;
  let isBlocked = false;
  for (const [place, { captureId, ending }] of won.entries()) {
    const capture = captures.find((one) => one.captureId === captureId);
    const isNews = before === undefined || isBlocked;
    const expected = expectedStatus(ending, { isNews, isLast: place === won.length - 1 });
    if (ending === "is held back") isBlocked = true;
    if (capture?.status !== expected)
      problems.push(`${captureId} ${ending} and is ${capture?.status}, not ${expected}`);
    if (capture?.availableAt === undefined) continue;
    if (capture.supersedes !== before?.captureId)
      problems.push(`${captureId} supersedes ${capture.supersedes}, and before it came ${before?.captureId}`);
    if (capture.availableAt <= (before?.availableAt ?? "")) problems.push(`${captureId} became available too early`);
    before = capture;
    isBlocked = false;
  }
  const present = await presentOf(store, partition);
  if (present?.captureId !== before?.captureId)
    problems.push(`readers see ${present?.captureId}, and the last version is ${before?.captureId}`);
  return problems;
}

function expectedStatus(
  ending: Ending,
  { isNews, isLast }: { readonly isNews: boolean; readonly isLast: boolean },
): CaptureStatus {
  const left = isLast ? "RUNNING" : "FAILED";
  const statuses: Readonly<Record<Ending, CaptureStatus>> = {
    completes: "COMPLETE",
    "finds nothing new": isNews ? "COMPLETE" : "UNCHANGED",
    fails: "FAILED",
    "is held back": "COMPLETE",
    dies: left,
    "loses its lease": left,
  };
  return statuses[ending];
}

function presentOf(store: Store, partition: string): Promise<Capture | undefined> {
  return orThrow(store.captures.resolve({ domain: "drill", partition, stage: "RACE", tier: "BRONZE" }));
}
