import type { SpineEvent } from "@spine/core";
import { durationText } from "../output/format.ts";
import { oneLine } from "../output/style.ts";

/** A text of an event's payload, or empty. */
export function textOf({ payload }: SpineEvent, name: string): string {
  const value = payload[name];
  return typeof value === "string" ? oneLine(value) : "";
}

/** A number of an event's payload, if it has one of that name. */
export function numberOf({ payload }: SpineEvent, name: string): number | undefined {
  const value = payload[name];
  return typeof value === "number" ? value : undefined;
}

/** `42 % reading prices.psv`, of a `step.progress`. */
export function progressText(event: SpineEvent): string {
  const fraction = numberOf(event, "fraction");
  const percent = fraction === undefined ? "" : `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)} %`;
  return [percent, textOf(event, "message")].filter((part) => part !== "").join(" ");
}

/** `attempt 1 failed, next one in 2.00 s: NETWORK_ERROR: …`, of a `step.retrying`. */
export function retryText(event: SpineEvent): string {
  const delay = durationText(numberOf(event, "delayMs") ?? 0);
  return `attempt ${numberOf(event, "attempt") ?? 1} failed, next one in ${delay}: ${textOf(event, "code")}: ${textOf(event, "message")}`;
}

/** Tells steps of child runs from those of the run itself: `load › prices`, where `load` is the child's step. */
export function labelOf({ runId = "", step = "" }: SpineEvent): string {
  const [, ...parents] = runId.split(":");
  return [...parents, step].join(" › ");
}
