import { type Capture, type GateDecision, type ListCaptures, orThrow, type Store } from "@spine/core";
import { captureTable } from "../captures/capture-rows.ts";
import { findCapture } from "../captures/find-capture.ts";
import { type Command, type Invocation, textOption } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { choiceOption, limitOption } from "../input/options.ts";
import { countOf } from "../output/format.ts";
import type { Style } from "../output/style.ts";
import { findRun } from "../runs/find-run.ts";
import { withStore } from "../session.ts";

const statuses: readonly Capture["status"][] = ["RUNNING", "COMPLETE", "FAILED", "UNCHANGED"];
const decisions: readonly GateDecision[] = ["PASS", "WARN", "QUARANTINE", "BLOCK"];

/** `spine captures list`: the newest captures. */
export const capturesList: Command = (invocation) => {
  const limit = limitOption(invocation);
  const filter = {
    domain: textOption(invocation, "domain"),
    partition: textOption(invocation, "partition"),
    stage: textOption(invocation, "stage"),
    tier: textOption(invocation, "tier"),
    status: choiceOption(invocation, "status", statuses),
    gate: choiceOption(invocation, "gate", decisions),
    ...(invocation.options["stale"] === true ? { stale: true } : {}),
  };
  return withStore(
    invocation,
    async (store) => {
      const found = await orThrow(
        store.captures.list({ ...filter, ...(await placeOf(store, invocation)), limit: limit + 1 }),
      );
      const shown = found.slice(0, limit);
      const next = found.length > limit ? shown.at(-1)?.captureId : undefined;
      return {
        exitCode: EXIT_CODES.DONE,
        document: { captures: shown, ...(next === undefined ? {} : { next }) },
        lines: listLines(shown, { filter, next, style: invocation.style }),
      };
    },
    { mustExist: true },
  );
};

/** Which run and which page, by ids that may be shortened. */
async function placeOf(store: Store, invocation: Invocation): Promise<Pick<ListCaptures, "runId" | "before">> {
  const run = textOption(invocation, "run");
  const before = textOption(invocation, "before");
  return {
    runId: run === undefined ? undefined : (await findRun(store.history, run)).runId,
    before: before === undefined ? undefined : (await findCapture(store.captures, before)).captureId,
  };
}

function listLines(
  shown: readonly Capture[],
  { filter, next, style }: { readonly filter: ListCaptures; readonly next: string | undefined; readonly style: Style },
): readonly string[] {
  if (shown.length === 0) {
    const narrowed = Object.values(filter).some((value) => value !== undefined);
    return [narrowed ? "No capture is like that." : "No captures. A pipeline makes them: spine run <name>"];
  }
  return [
    ...captureTable(shown, style),
    ...(next === undefined ? [] : [`${countOf(shown.length, "capture")} shown; older ones: add --before ${next}`]),
  ];
}
