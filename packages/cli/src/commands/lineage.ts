import { type Capture, createCaptureLedger, createIds, type Lineage, orThrow, slotText, type Store } from "@spine/core";
import { captureState } from "../captures/capture-state.ts";
import { findCapture } from "../captures/find-capture.ts";
import { lineageTree } from "../captures/lineage-tree.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { countOption } from "../input/options.ts";
import { countOf, instantText } from "../output/format.ts";
import { withStore } from "../session.ts";

/** `spine lineage <capture>`: what a capture was computed from, or what was computed from it, as a tree. */
export const lineage: Command = (invocation) => {
  const { style, options } = invocation;
  const depth = countOption(invocation, "depth", { max: 1_000_000 });
  return withStore(
    invocation,
    async (store) => {
      const { captureId } = await findCapture(store.captures, invocation.args[0] ?? "");
      const ledger = createCaptureLedger({ store, ids: createIds(invocation.io.clock) });
      const found = await orThrow(
        options["down"] === true ? ledger.downstreamOf(captureId) : ledger.upstreamOf(captureId),
      );
      return {
        exitCode: EXIT_CODES.DONE,
        document: documentOf(found, depth),
        lines: [...lineageTree(found, { depth, style }), "", summary(found), ...(await whyStale(store, found.root))],
      };
    },
    { mustExist: true },
  );
};

function documentOf({ root, direction, nodes, edges }: Lineage, depth = Infinity): unknown {
  const shown = nodes.filter((node) => node.depth <= depth);
  const ids = new Set([root.captureId, ...shown.map(({ captureId }) => captureId)]);
  return {
    root,
    direction,
    nodes: shown.map(({ depth: distance, capture }) => ({ depth: distance, ...capture })),
    edges: edges.filter(({ captureId, input }) => ids.has(captureId) && ids.has(input)),
  };
}

/** What made a capture stale, which is not among what it was computed from. */
async function whyStale({ captures }: Store, { staleAt, staleBy }: Capture): Promise<readonly string[]> {
  if (staleAt === undefined || staleBy === undefined) return [];
  const by = await orThrow(captures.get({ captureId: staleBy }));
  const what = by === undefined ? "" : `, which restates ${slotText(by)}`;
  return [`It is stale since ${instantText(staleAt)} by ${staleBy}${what}.`];
}

function summary({ direction, nodes }: Lineage): string {
  const stale = nodes.filter(({ capture }) => captureState(capture) === "STALE").length;
  if (nodes.length === 0) {
    return direction === "up" ? "It was computed from no other capture." : "Nothing was computed from it.";
  }
  const what = direction === "up" ? "It was computed from" : "Computed from it:";
  return `${what} ${countOf(nodes.length, "capture")}${stale === 0 ? "" : `, ${stale} of them stale`}.`;
}
