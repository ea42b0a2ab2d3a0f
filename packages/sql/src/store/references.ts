import { bytesHash, err, ok, type Reference, type ReferenceStore, StorageError } from "@spine/core";
import { decodeJson } from "../codecs.ts";
import type { StoreContext } from "./context.ts";

/** Values by reference. A second `put` under an id replaces the value: an attempt that is made again writes what it wrote. */
export function createReferenceStore({ attempt, clock, db }: StoreContext): ReferenceStore {
  return Object.freeze<ReferenceStore>({
    put: ({ id, value, runId }) =>
      attempt(async () => {
        const text = JSON.stringify(value);
        const reference: Reference = Object.freeze({
          $ref: id,
          sizeBytes: Buffer.byteLength(text),
          contentHash: bytesHash(text),
        });
        await db
          .insertInto("core_references")
          .values({
            id,
            run_id: runId ?? null,
            value: text,
            size_bytes: reference.sizeBytes,
            content_hash: reference.contentHash,
            created_at: clock.now(),
          })
          .onConflict((conflict) =>
            conflict.column("id").doUpdateSet((build) => ({
              value: build.ref("excluded.value"),
              size_bytes: build.ref("excluded.size_bytes"),
              content_hash: build.ref("excluded.content_hash"),
            })),
          )
          .execute();
        return ok(reference);
      }),
    get: ({ $ref, contentHash }) =>
      attempt(async () => {
        const row = await db.selectFrom("core_references").select("value").where("id", "=", $ref).executeTakeFirst();
        if (row === undefined) return err(notFound($ref));
        if (bytesHash(row.value) !== contentHash) return err(altered($ref, contentHash));
        return ok(decodeJson(row.value));
      }),
  });
}

function notFound(reference: string): StorageError {
  return new StorageError(`No stored value has the reference "${reference}". It may have been collected.`, {
    code: "REFERENCE_NOT_FOUND",
    context: { reference },
  });
}

function altered(reference: string, expected: string): StorageError {
  return new StorageError(`The value stored under "${reference}" is not the one that was put: its hash differs.`, {
    context: { reference, expected },
  });
}
