import { contentHash, type Instant, type JsonObject } from "@spine/core";

/** From the least to the most urgent. */
export const alertSeverities = Object.freeze(["INFO", "WARNING", "ERROR", "CRITICAL"] as const);
export type AlertSeverity = (typeof alertSeverities)[number];

export type AlertStatus = "firing" | "resolved";

/** Something a person should know (seed 002 §5). Frozen. */
export interface Alert {
  readonly alertId: string;
  /** The same for every alert of one incident: made of severity, source, title, domain and labels, never of the message. */
  readonly fingerprint: string;
  readonly status: AlertStatus;
  readonly severity: AlertSeverity;
  /** One line. */
  readonly title: string;
  readonly message: string;
  /** What noticed it: `finra.otc.ingest_week`. */
  readonly source: string;
  readonly domain: string | undefined;
  readonly runId: string | undefined;
  readonly partition: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Addresses by what they show: `{ runbook: "https://…" }`. */
  readonly links: Readonly<Record<string, string>>;
  readonly metadata: JsonObject;
  readonly createdAt: Instant;
}

export interface AlertInput {
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly message: string;
  readonly source: string;
  /** @defaultValue firing */
  readonly status?: AlertStatus;
  readonly domain?: string;
  readonly runId?: string;
  readonly partition?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly metadata?: JsonObject;
}

/** An alert of what a caller says; id and time are passed in. */
export function createAlert(input: AlertInput, at: { readonly alertId: string; readonly createdAt: Instant }): Alert {
  const labels = Object.freeze({ ...input.labels });
  return Object.freeze({
    alertId: at.alertId,
    fingerprint: fingerprintOf(input),
    status: input.status ?? "firing",
    severity: input.severity,
    title: input.title,
    message: input.message,
    source: input.source,
    domain: input.domain,
    runId: input.runId,
    partition: input.partition,
    labels,
    links: Object.freeze({ ...input.links }),
    metadata: Object.freeze({ ...input.metadata }),
    createdAt: at.createdAt,
  });
}

/** The first 32 hex characters of a hash over what names the incident. The message may change while it lasts. */
export function fingerprintOf({
  severity,
  source,
  title,
  domain,
  labels = {},
}: Pick<AlertInput, "severity" | "source" | "title" | "domain" | "labels">): string {
  return contentHash({ severity, source, title, domain: domain ?? null, labels }).slice(0, 32);
}

/** Whether a severity is at least as urgent as another. */
export function isAtLeast(severity: AlertSeverity, minimum: AlertSeverity): boolean {
  return alertSeverities.indexOf(severity) >= alertSeverities.indexOf(minimum);
}
