import type { CaptureSlot } from "../captures/capture.ts";
import type { SpineError } from "../errors/spine-error.ts";
import type { AcceptedGap } from "../expectations/gaps.ts";
import type { Certificate } from "../expectations/readiness.ts";
import type { ResultAsync } from "../result.ts";

/** Gaps that people accepted (`core_accepted_gaps`) and certificates of readiness (`core_readiness`). */
export interface ReadinessStore {
  /** Accepts that a partition is absent; once more replaces reason and author. */
  acceptGap(gap: Omit<AcceptedGap, "acceptedAt">): ResultAsync<AcceptedGap, SpineError>;
  /** Resolves to whether there was one. */
  withdrawGap(slot: CaptureSlot): ResultAsync<boolean, SpineError>;
  /** By partition. */
  acceptedGaps(filter: {
    readonly domain: string;
    readonly stage?: string | undefined;
    readonly tier?: string | undefined;
  }): ResultAsync<readonly AcceptedGap[], SpineError>;
  /** Keeps a certificate; the ones before stay. */
  certify(certificate: Omit<Certificate, "certifiedAt">): ResultAsync<Certificate, SpineError>;
  /** Newest first. */
  certificates(filter: {
    readonly expectation?: string | undefined;
    readonly partition?: string | undefined;
    readonly limit?: number | undefined;
  }): ResultAsync<readonly Certificate[], SpineError>;
}
