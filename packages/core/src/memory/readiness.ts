import type { AcceptedGap } from "../expectations/gaps.ts";
import type { Certificate } from "../expectations/readiness.ts";
import { ok } from "../result.ts";
import type { ReadinessStore } from "../store/readiness.ts";
import type { Instant } from "../time.ts";
import type { Access } from "./access.ts";
import { type MemoryState, slotKey } from "./state.ts";
import { appendAll } from "./table.ts";

type Tables = Pick<MemoryState, "acceptedGaps" | "certificates">;

export function createReadinessStore(
  { acceptedGaps, certificates }: Tables,
  access: Access,
  now: () => Instant,
): ReadinessStore {
  return Object.freeze<ReadinessStore>({
    acceptGap: ({ domain, partition, stage, tier, reason, author }) =>
      access.write(() => {
        const gap = Object.freeze<AcceptedGap>({ domain, partition, stage, tier, reason, author, acceptedAt: now() });
        acceptedGaps.set(slotKey(gap), gap);
        return ok(gap);
      }),
    withdrawGap: (slot) => access.write(() => ok(acceptedGaps.delete(slotKey(slot)))),
    acceptedGaps: ({ domain, stage, tier }) =>
      access.read(() => {
        const found = [...acceptedGaps.values()].filter(
          (gap) =>
            gap.domain === domain &&
            (stage === undefined || gap.stage === stage) &&
            (tier === undefined || gap.tier === tier),
        );
        return ok(Object.freeze(found.toSorted(byPartition)));
      }),
    certify: (given) =>
      access.write(() => {
        const certificate = freezeCertificate({ ...given, certifiedAt: now() });
        return appendAll(certificates, [certificate], ({ certificateId }) => certificateId).map(() => certificate);
      }),
    certificates: ({ expectation, partition, limit = 100 }) =>
      access.read(() => {
        const found = [...certificates.values()].filter(
          (certificate) =>
            (expectation === undefined || certificate.expectation === expectation) &&
            (partition === undefined || certificate.partition === partition),
        );
        return ok(Object.freeze(found.toReversed().slice(0, limit)));
      }),
  });
}

function byPartition(left: AcceptedGap, right: AcceptedGap): number {
  const keysOf = ({ partition, stage, tier }: AcceptedGap): readonly string[] => [partition, stage, tier];
  const others = keysOf(right);
  const index = keysOf(left).findIndex((key, place) => key !== others[place]);
  return (keysOf(left)[index] ?? "") < (others[index] ?? "") ? -1 : 1;
}

/** A copy of its own, so that what is certified never changes. */
function freezeCertificate(certificate: Certificate): Certificate {
  const stages = certificate.stages.map((stage) =>
    Object.freeze({ ...stage, inputs: Object.freeze([...stage.inputs]) }),
  );
  return Object.freeze({
    ...certificate,
    stages: Object.freeze(stages),
    requirements: Object.freeze(certificate.requirements.map((requirement) => Object.freeze({ ...requirement }))),
    blockers: Object.freeze(certificate.blockers.map((blocker) => Object.freeze({ ...blocker }))),
  });
}
