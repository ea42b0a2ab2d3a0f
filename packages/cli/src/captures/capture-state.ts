import { type Capture, type CaptureStatus, isHeldBack } from "@spine/core";
import { instantText } from "../output/format.ts";
import type { Colour, Style } from "../output/style.ts";

/** A status as people are told it: a complete capture that a gate holds back, or that is stale, is not just COMPLETE. */
export type CaptureState = CaptureStatus | "STALE" | "QUARANTINED" | "BLOCKED";

const colours: Readonly<Record<CaptureState, Colour>> = {
  RUNNING: "cyan",
  COMPLETE: "green",
  UNCHANGED: "dim",
  STALE: "yellow",
  QUARANTINED: "yellow",
  BLOCKED: "red",
  FAILED: "red",
};

export function captureState({ status, gate, staleAt }: Pick<Capture, "status" | "gate" | "staleAt">): CaptureState {
  if (status !== "COMPLETE") return status;
  if (isHeldBack(gate)) return gate === "BLOCK" ? "BLOCKED" : "QUARANTINED";
  return staleAt === undefined ? "COMPLETE" : "STALE";
}

/** The state of a capture in its colour. */
export function captureStateText(capture: Pick<Capture, "status" | "gate" | "staleAt">, style: Style): string {
  const state = captureState(capture);
  return style.paint(colours[state], state);
}

/** What there is to say of a capture besides its state, in a few words. */
export function captureHint(capture: Capture): string {
  const { status, availableAt, reason, gate, asOf, sameAs, error, leaseUntil, payloadRemovedAt } = capture;
  if (status === "FAILED") return error ?? "";
  if (status === "UNCHANGED") return sameAs === undefined ? "" : `same as ${sameAs}`;
  if (status === "RUNNING") return leaseUntil === undefined ? "" : `lease until ${instantText(leaseUntil)}`;
  return [
    availableAt === undefined ? "" : `since ${instantText(availableAt)}`,
    reason ?? "",
    gate === "WARN" ? "gate WARN" : "",
    asOf === undefined ? "" : `as of ${instantText(asOf)}`,
    payloadRemovedAt === undefined ? "" : "rows removed",
  ]
    .filter((part) => part !== "")
    .join(", ");
}
