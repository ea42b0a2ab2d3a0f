import { err, isJsonObject, type JsonObject, ok, OrchestrationError, type Result, type SpineError } from "@spine/core";
import { documentVersion } from "./document-schema.ts";

/** A step from one version of the format to the next. */
export interface DocumentMigration {
  /** The `apiVersion` it reads. */
  readonly from: string;
  /** The `apiVersion` of what it gives. */
  readonly to: string;
  migrate(document: JsonObject): JsonObject;
}

/**
 * Brings a document to the version that is read here, one migration after another; one without `apiVersion` is of this version.
 * Fails with `DOCUMENT_VERSION_UNKNOWN` for a version from which no migration leads here.
 */
export function migrateDocument(
  document: JsonObject,
  migrations: readonly DocumentMigration[] = [],
): Result<JsonObject, SpineError> {
  const passed = new Set<string>();
  let current = document;
  for (;;) {
    const { apiVersion = documentVersion } = current;
    // What is no text is refused by the schema, which knows the place.
    if (typeof apiVersion !== "string" || apiVersion === documentVersion) return ok(current);
    const next = passed.has(apiVersion) ? undefined : migrations.find(({ from }) => from === apiVersion);
    if (next === undefined)
      return err(
        new OrchestrationError(
          `The document is of version "${apiVersion}", from which nothing leads to "${documentVersion}". Give its migration, or a newer spine.`,
          { code: "DOCUMENT_VERSION_UNKNOWN", context: { apiVersion } },
        ),
      );
    passed.add(apiVersion);
    const migrated = next.migrate(current);
    current = { ...(isJsonObject(migrated) ? migrated : {}), apiVersion: next.to };
  }
}
