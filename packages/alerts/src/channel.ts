import type { ResultAsync, SpineError } from "@spine/core";
import { type Alert, type AlertSeverity, isAtLeast } from "./alert.ts";

/** What a channel made of an alert, for the delivery log. */
export interface Delivery {
  readonly channel: string;
  /** The other side's own id for the message, if it has one. */
  readonly providerId: string | undefined;
}

/** A way to reach people. Rendering is pure, so that it can be tested without sending. */
export interface AlertChannel<Payload = unknown> {
  readonly name: string;
  /** `console`, `slack`, …. */
  readonly type: string;
  /** Alerts below it are not for this channel. @defaultValue ERROR */
  readonly minSeverity: AlertSeverity;
  /** Exact domains or `prefix.*`; an alert without a domain fits every channel. @defaultValue all */
  readonly domains: readonly string[] | undefined;
  render(alert: Alert): Payload;
  /** Fails with `ALERT_DELIVERY_FAILED`. */
  send(payload: Payload, options: { readonly signal: AbortSignal }): ResultAsync<Delivery, SpineError>;
}

/** Whether an alert is for a channel, by severity and domain (seed 002 §5). */
export function accepts(
  { minSeverity, domains }: Pick<AlertChannel, "minSeverity" | "domains">,
  alert: Pick<Alert, "severity" | "domain">,
): boolean {
  if (!isAtLeast(alert.severity, minSeverity)) return false;
  const { domain } = alert;
  if (domains === undefined || domain === undefined) return true;
  return domains.some((pattern) =>
    pattern.endsWith("*") ? domain.startsWith(pattern.slice(0, -1)) : domain === pattern,
  );
}
