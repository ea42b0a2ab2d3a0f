import type { Capture, Store } from "@spine/core";
import { type CaptureDetail, readCaptureDetail } from "../captures/capture-detail.ts";
import { captureLines } from "../captures/capture-lines.ts";
import { findCapture } from "../captures/find-capture.ts";
import type { Command, Invocation, Report } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { withStore } from "../session.ts";

/** `spine captures show <capture>`: everything that is known of a capture. */
export const capturesShow: Command = (invocation) =>
  withStore(
    invocation,
    async (store) => captureReport(store, await findCapture(store.captures, invocation.args[0] ?? ""), invocation),
    { mustExist: true },
  );

/** A capture as a command's answer. */
export async function captureReport(
  store: Store,
  capture: Capture,
  { style }: Pick<Invocation, "style">,
): Promise<Report> {
  const detail = await readCaptureDetail(store, capture);
  return { exitCode: EXIT_CODES.DONE, document: documentOf(detail), lines: captureLines(detail, style) };
}

function documentOf({ capture, inputs, derived, ...rest }: CaptureDetail): unknown {
  const brief = ({ captureId, domain, partition, stage, tier, staleAt }: Capture): unknown => ({
    captureId,
    domain,
    partition,
    stage,
    tier,
    staleAt,
  });
  return {
    ...capture,
    ...rest,
    inputs: inputs.map(brief),
    derived: derived.map(brief),
  };
}
