import {
  type Clock,
  nowOf,
  orThrow,
  type PartitionReport,
  serializeError,
  type SpineError,
  tryAsync,
} from "@spine/core";
import type { Spine } from "@spine/orchestration";
import { judgeBackfill } from "../backfills/backfill-truth.ts";
import { repairsOf } from "../expectations/repair.ts";
import { countOf } from "../output/format.ts";
import { oneLine } from "../output/style.ts";
import { captureChecks } from "./capture-checks.ts";
import type { Check } from "./check.ts";
import { problem } from "./store-checks.ts";

/** Backfills that are looked at, the newest. */
const backfillsLookedAt = 200;

/** Whether what should exist does, may be read, and is cared for; each finding with the command that repairs it. */
export async function dataChecks(spine: Spine, clock: Clock): Promise<readonly Check[]> {
  const told = new Set<string>();
  const looks: readonly (readonly [name: string, look: () => Promise<readonly Check[]>])[] = [
    ["gaps", () => gapChecks(spine, told)],
    ["captures", () => captureChecks(spine.store, { now: nowOf(clock), told })],
    ["backfills", () => backfillChecks(spine, clock)],
  ];
  const found: Check[] = [...adviceChecks(spine)];
  for (const [name, look] of looks) {
    const looked = await tryAsync(look);
    found.push(
      ...looked.match(
        (checks) => checks,
        (error: SpineError) => [problem(name, serializeError(error))],
      ),
    );
  }
  if (found.length > 0) return found;
  const expected = spine.expectations.list().length;
  const what = expected === 0 ? "nothing is expected" : `nothing is missing of ${countOf(expected, "expectation")}`;
  return [{ name: "data", status: "ok", text: `${what}; nothing is stale, held back or left behind` }];
}

/**
 * An absence that nobody excuses is a problem; what may still come, or can be computed again, a warning. Adds to `told` the captures that
 * these findings are about.
 */
async function gapChecks({ expectations }: Spine, told: Set<string>): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const { name } of expectations.list()) {
    const { partitions } = await orThrow(expectations.gaps(name));
    for (const { status, partitions: concerned, command } of repairsOf(name, partitions)) {
      for (const captureId of capturesBehind(concerned)) told.add(captureId);
      const first = concerned[0]?.partition ?? "";
      const which = concerned.length === 1 ? first : `${countOf(concerned.length, "partition")} from ${first} on`;
      checks.push({
        name: "gaps",
        status: status === "late" || status === "failed" || status === "blocked" ? "problem" : "warning",
        text: `${name}: ${which} ${concerned.length === 1 ? "is" : "are"} ${status}`,
        remedy: command,
      });
    }
  }
  return checks;
}

/** The captures that are why partitions are in their status. */
function capturesBehind(partitions: readonly PartitionReport[]): readonly string[] {
  return partitions.flatMap(({ status, stages }) =>
    stages.flatMap((stage) => {
      const capture = status === "stale" ? stage.current : stage.latest;
      return stage.status === status && capture !== undefined ? [capture.captureId] : [];
    }),
  );
}

function adviceChecks({ expectations }: Spine): readonly Check[] {
  return expectations.lint().map(({ message }) => ({ name: "partitions", status: "warning", text: message }));
}

async function backfillChecks({ store }: Spine, clock: Clock): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const backfill of await orThrow(store.backfills.list({ limit: backfillsLookedAt }))) {
    const { status, resume } = await judgeBackfill(store, backfill, clock);
    if (status !== "PAUSED" && status !== "INTERRUPTED") continue;
    const { backfillId, expectation, counts, reason } = backfill;
    const left = countOf(counts.pending + counts.running, "partition");
    const state = status === "PAUSED" ? "is paused" : "is worked on by nobody";
    checks.push({
      name: "backfills",
      status: "warning",
      text: `${backfillId} of ${expectation} (${oneLine(reason)}) ${state}, ${left} left`,
      remedy: resume,
    });
  }
  return checks;
}
