import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fileSource } from "@spine/sources";
import { expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const folder = fileURLToPath(new URL("../../../../shared/data/finra/", import.meta.url));
const files = [
  ["finra_otc_weekly_otc_20251215.csv", 5328],
  ["finra_otc_weekly_otc_20251222.csv", 5192],
] as const;

const weeklyRow = z.object({
  issueSymbolIdentifier: z.string().min(1),
  MPID: z.string().min(1),
  totalWeeklyShareQuantity: z.coerce.number().int(),
  totalWeeklyTradeCount: z.coerce.number().int(),
  lastUpdateDate: z.iso.date(),
});

/** Shares and trades by nothing but cutting at line ends and bars. */
function sumsOf(text: string): readonly number[] {
  const rows = text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split("|"));
  return [5, 6].map((column) => rows.reduce((sum, row) => sum + Number(row[column]), 0));
}

describe.each(files)("FINRA's file %s", (name, rowCount) => {
  const path = `${folder}${name}`;
  const isThere = existsSync(path);
  if (!isThere) process.stderr.write(`SKIPPED: ${path} is not there, so the test of a real file did not run.\n`);

  test.skipIf(!isThere)("needs no option but its path: bars in spite of .csv, eight columns, every row", async () => {
    const { rows, rejects, metadata } = await expectOk(fileSource({ path }).fetch());
    const text = readFileSync(path, "latin1");
    expect(rows).toHaveLength(rowCount);
    expect(rows).toHaveLength(text.split("\n").length - 2);
    expect(rejects).toEqual([]);
    expect(metadata).toMatchObject({
      rowCount,
      rejectedCount: 0,
      dialect: { delimiter: "|", header: true, lineEnd: "\n" },
      contentHash: createHash("sha256").update(readFileSync(path)).digest("hex"),
    });
    expect(metadata.columns).toHaveLength(8);
    expect(metadata.warnings.map(({ code }) => code)).toEqual(["DELIMITER_NOT_AS_EXTENSION"]);
  });

  test.skipIf(!isThere)("has the sums that its text has, by a schema", async () => {
    const { rows, rejects } = await expectOk(fileSource({ path, schema: weeklyRow }).fetch());
    expect(rejects).toEqual([]);
    expect([
      rows.reduce((sum, row) => sum + row.totalWeeklyShareQuantity, 0),
      rows.reduce((sum, row) => sum + row.totalWeeklyTradeCount, 0),
    ]).toEqual(sumsOf(readFileSync(path, "latin1")));
  });
});
