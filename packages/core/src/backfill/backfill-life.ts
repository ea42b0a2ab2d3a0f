import { OrchestrationError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { err, ok, type Result } from "../result.ts";
import type { Backfill, BackfillCounts, BackfillStatus } from "./backfill.ts";

type Ordered = "RUNNING" | "PAUSED" | "CANCELLED";

const sources: Readonly<Record<Ordered, readonly BackfillStatus[]>> = {
  RUNNING: ["PLANNED", "PAUSED"],
  PAUSED: ["RUNNING"],
  CANCELLED: ["PLANNED", "RUNNING", "PAUSED"],
};

/** Whether nothing more of a backfill will be begun, unless its failed partitions are tried again. */
export function isBackfillEnd(status: BackfillStatus): boolean {
  return status !== "PLANNED" && status !== "RUNNING" && status !== "PAUSED";
}

/** The status a backfill is ordered to, which may be the one it has; fails with `BACKFILL_STATUS_INVALID`. */
export function moveBackfill(
  { backfillId, status }: Pick<Backfill, "backfillId" | "status">,
  to: Ordered,
): Result<BackfillStatus, SpineError> {
  if (status === to || sources[to].includes(status)) return ok(to);
  return err(
    new OrchestrationError(
      `Backfill "${backfillId}" is ${status} and cannot become ${to}. It can from ${sources[to].join(", ")}.`,
      { code: "BACKFILL_STATUS_INVALID", context: { backfillId, from: status, to } },
    ),
  );
}

/** `BACKFILL_STATUS_INVALID`: only what has ended can try its failed partitions again. */
export function backfillNotEnded({ backfillId, status }: Pick<Backfill, "backfillId" | "status">): SpineError {
  return new OrchestrationError(
    `Backfill "${backfillId}" is ${status}. Its failed partitions can be tried again when it has ended.`,
    { code: "BACKFILL_STATUS_INVALID", context: { backfillId, from: status, to: "PLANNED" } },
  );
}

/** `BACKFILL_NOT_FOUND`. */
export function backfillNotFound(backfillId: string): SpineError {
  return new OrchestrationError(`No backfill has the id "${backfillId}". List them with \`spine backfill list\`.`, {
    code: "BACKFILL_NOT_FOUND",
    context: { backfillId },
  });
}

/** The status of a backfill after one of its items ended: an end when that was the last one, else the one it has. */
export function backfillStatusAfter(status: BackfillStatus, counts: BackfillCounts): BackfillStatus {
  if (counts.pending > 0 || counts.running > 0 || status === "CANCELLED") return status;
  if (counts.failed === 0) return "COMPLETED";
  return counts.completed + counts.skipped === 0 ? "FAILED" : "PARTIAL";
}
