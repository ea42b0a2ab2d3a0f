import { once } from "node:events";
import { createWriteStream } from "node:fs";

const weeklyColumns = [
  "tierDescription",
  "issueSymbolIdentifier",
  "issueName",
  "marketParticipantName",
  "MPID",
  "totalWeeklyShareQuantity",
  "totalWeeklyTradeCount",
  "lastUpdateDate",
] as const;

export type WeeklyColumn = (typeof weeklyColumns)[number];

const rowsPerWrite = 2000;

/** Writes a file in the shape of FINRA's weekly ones (8 columns, `|`, about 95 bytes a row) until it has `rows` rows or `bytes` bytes. */
export async function writeWeeklyFile(
  path: string,
  size: { readonly rows: number } | { readonly bytes: number },
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const file = createWriteStream(path);
  let rows = 0;
  let bytes = 0;
  const write = async (text: string): Promise<void> => {
    bytes += Buffer.byteLength(text);
    if (!file.write(text)) await once(file, "drain");
  };
  await write(`${weeklyColumns.join("|")}\n`);
  while ("rows" in size ? rows < size.rows : bytes < size.bytes) {
    const count = "rows" in size ? Math.min(rowsPerWrite, size.rows - rows) : rowsPerWrite;
    let text = "";
    for (let index = rows; index < rows + count; index += 1) text += weeklyRow(index);
    await write(text);
    rows += count;
  }
  file.end();
  await once(file, "close");
  return { rows, bytes };
}

function weeklyRow(index: number): string {
  const symbol = (index % 17_576).toString(26).padStart(4, "A").toUpperCase();
  const venue = index % 13;
  const shares = ((index * 7919) % 10_000_000) + 1;
  return `OTC|${symbol}|${symbol} Holdings Inc Common Stock|OTCN OTC LINK VENUE ${venue}|OT${venue}|${shares}|${(index % 900) + 1}|2025-12-15\n`;
}
