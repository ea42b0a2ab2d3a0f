import { StorageError } from "../errors/families.ts";
import { bytesHash } from "../hash.ts";
import type { Json } from "../json.ts";
import { err, ok } from "../result.ts";
import type { ReferenceStore } from "../store/references.ts";
import type { Access } from "./access.ts";
import type { LedgerTables } from "./state.ts";

export function createReferenceStore({ references }: Pick<LedgerTables, "references">, access: Access): ReferenceStore {
  return Object.freeze<ReferenceStore>({
    put: ({ id, value }) =>
      access.write(() => {
        const text = JSON.stringify(value);
        references.set(id, { text });
        return ok(
          Object.freeze({
            $ref: id,
            sizeBytes: Buffer.byteLength(text),
            contentHash: bytesHash(text),
          }),
        );
      }),
    get: ({ $ref, contentHash }) =>
      access.read(() => {
        const text = references.get($ref)?.text;
        if (text === undefined) {
          return err(
            new StorageError(`No stored value has the reference "${$ref}". It may have been collected.`, {
              code: "REFERENCE_NOT_FOUND",
              context: { reference: $ref },
            }),
          );
        }
        if (bytesHash(text) !== contentHash) {
          return err(
            new StorageError(`The value stored under "${$ref}" is not the one that was put: its hash differs.`, {
              context: { reference: $ref, expected: contentHash },
            }),
          );
        }
        return ok(JSON.parse(text) as Json);
      }),
  });
}
