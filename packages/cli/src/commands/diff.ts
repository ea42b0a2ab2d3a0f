import { orThrow } from "@spine/core";
import type { CaptureDiff } from "@spine/sql";
import { diffLines } from "../captures/diff-lines.ts";
import { findCapture } from "../captures/find-capture.ts";
import { type Command, textOption } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { limitOption } from "../input/options.ts";
import { withStore } from "../session.ts";

/** `spine diff <before> <after>`: which rows two captures do not share. */
export const diff: Command = (invocation) => {
  const limit = limitOption(invocation);
  const table = textOption(invocation, "table");
  const [before = "", after = ""] = invocation.args;
  return withStore(
    invocation,
    async (store) => {
      const { captureId: from } = await findCapture(store.captures, before);
      const { captureId: to } = await findCapture(store.captures, after);
      const { diffCaptures } = await import("@spine/sql");
      const found = await orThrow(diffCaptures(store.sql, { from, to, table, limit }));
      return { exitCode: EXIT_CODES.DONE, document: documentOf(found), lines: diffLines(found, invocation.style) };
    },
    { mustExist: true },
  );
};

function documentOf({ tables, ...captures }: CaptureDiff): unknown {
  return {
    ...captures,
    tables: tables.map(({ examples, ...table }) => ({
      ...table,
      examples: {
        added: examples.added.map(jsonRow),
        removed: examples.removed.map(jsonRow),
        changed: examples.changed.map(({ key, columns }) => ({
          key: jsonRow(key),
          columns: Object.fromEntries(Object.entries(columns).map(([name, sides]) => [name, jsonRow({ ...sides })])),
        })),
      },
    })),
  };
}

/** Values of a database that JSON does not know: large whole numbers as text, bytes in base64. */
function jsonRow(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value === "bigint") return [name, value.toString()];
      return [name, value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value];
    }),
  );
}
