import { type AcceptedGap, type Certificate, type CaptureSlot, ok, type ReadinessStore } from "@spine/core";
import type { Selectable } from "kysely";
import { decodeBoolean, decodeJson, optional, plainText } from "../codecs.ts";
import type { AcceptedGapsTable, ReadinessTable } from "../tables.ts";
import type { StoreContext } from "./context.ts";

/** Accepted gaps, and certificates that are appended and never changed. */
export function createReadinessStore({ attempt, clock, db }: StoreContext): ReadinessStore {
  return Object.freeze<ReadinessStore>({
    acceptGap: ({ domain, partition, stage, tier, reason, author }) =>
      attempt(async () => {
        const row = await db
          .insertInto("core_accepted_gaps")
          .values({
            domain,
            stage,
            tier,
            partition_key: partition,
            reason: plainText(reason) ?? "",
            author: plainText(author) ?? "",
            accepted_at: clock.now(),
          })
          .onConflict((conflict) =>
            conflict.columns(["domain", "stage", "tier", "partition_key"]).doUpdateSet((build) => ({
              reason: build.ref("excluded.reason"),
              author: build.ref("excluded.author"),
              accepted_at: build.ref("excluded.accepted_at"),
            })),
          )
          .returningAll()
          .executeTakeFirstOrThrow();
        return ok(toGap(row));
      }),
    withdrawGap: (slot) =>
      attempt(async () => {
        const { numDeletedRows } = await db
          .deleteFrom("core_accepted_gaps")
          .where((build) => build.and(slotColumns(slot)))
          .executeTakeFirst();
        return ok(numDeletedRows > 0n);
      }),
    acceptedGaps: ({ domain, stage, tier }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_accepted_gaps")
          .selectAll()
          .where((build) =>
            build.and({ domain, ...(stage === undefined ? {} : { stage }), ...(tier === undefined ? {} : { tier }) }),
          )
          .orderBy("partition_key")
          .orderBy("stage")
          .orderBy("tier")
          .execute();
        return ok(Object.freeze(rows.map(toGap)));
      }),
    certify: (certificate) =>
      attempt(async () => {
        const row = await db
          .insertInto("core_readiness")
          .values({
            id: certificate.certificateId,
            expectation: certificate.expectation,
            domain: certificate.domain,
            partition_key: certificate.partition,
            ready: certificate.ready,
            stages: JSON.stringify(certificate.stages),
            requirements: JSON.stringify(certificate.requirements),
            blockers: JSON.stringify(certificate.blockers),
            certified_at: clock.now(),
            run_id: certificate.runId ?? null,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return ok(toCertificate(row));
      }),
    certificates: ({ expectation, partition, limit = 100 }) =>
      attempt(async () => {
        const rows = await db
          .selectFrom("core_readiness")
          .selectAll()
          .where((build) =>
            build.and({
              ...(expectation === undefined ? {} : { expectation }),
              ...(partition === undefined ? {} : { partition_key: partition }),
            }),
          )
          .orderBy("sequence", "desc")
          .limit(limit)
          .execute();
        return ok(Object.freeze(rows.map(toCertificate)));
      }),
  });
}

function slotColumns({ domain, partition, stage, tier }: CaptureSlot) {
  return { domain, partition_key: partition, stage, tier };
}

function toGap(row: Selectable<AcceptedGapsTable>): AcceptedGap {
  return Object.freeze<AcceptedGap>({
    domain: row.domain,
    partition: row.partition_key,
    stage: row.stage,
    tier: row.tier,
    reason: row.reason,
    author: row.author,
    acceptedAt: row.accepted_at,
  });
}

function toCertificate(row: Selectable<ReadinessTable>): Certificate {
  return Object.freeze<Certificate>({
    certificateId: row.id,
    expectation: row.expectation,
    domain: row.domain,
    partition: row.partition_key,
    ready: decodeBoolean(row.ready),
    // What JSON leaves out where it is undefined is a member all the same.
    stages: Object.freeze(
      decodeJson<Certificate["stages"]>(row.stages).map(
        ({ stage, tier, captureId, contentHash, availableAt, gate, inputs }) =>
          Object.freeze({ stage, tier, captureId, contentHash, availableAt, gate, inputs: Object.freeze(inputs) }),
      ),
    ),
    requirements: Object.freeze(
      decodeJson<Certificate["requirements"]>(row.requirements).map((one) => Object.freeze(one)),
    ),
    blockers: Object.freeze(decodeJson<Certificate["blockers"]>(row.blockers).map((one) => Object.freeze(one))),
    certifiedAt: row.certified_at,
    runId: optional(row.run_id),
  });
}
