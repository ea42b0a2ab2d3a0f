import { createProject, type Project } from "./project.ts";

/**
 * A project that captures quotes of files `quotes/<date>.csv` and computes an average of each day, with what is expected of it, on a SQLite
 * file. A negative price is blocked by its gate, a price of nothing quarantined; "n/a" is a reject, a price above 1000 an anomaly. A day is
 * CRITICAL when its file says so.
 */
const ledgerConfig = `
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import { defineConfig } from "@spine/cli";
import { contentHash, defineCheck, defineExpectation, defineGate, definePipeline, defineRetention, orThrow, skipped, SpineError } from "@spine/core";
import { workflow } from "@spine/orchestration";
import { z } from "zod";

const slotOf = (date, stage, tier) => ({ domain: "quotes", partition: date, stage, tier });
const lowest = (name, holds) =>
  defineCheck({
    name,
    category: "BUSINESS_RULE",
    check: ({ subject }) => {
      const least = Math.min(...subject.map(({ price }) => price));
      return { status: holds(least) ? "PASS" : "FAIL", message: "the lowest price", actual: least, expected: 0 };
    },
  });
const notNegative = defineGate({ name: "quotes.not_negative", checks: [lowest("not_negative", (least) => least >= 0)] });
const notZero = defineGate({ name: "quotes.not_zero", checks: [lowest("not_zero", (least) => least !== 0)], onFail: "quarantine" });

const ingest = definePipeline({
  key: "quotes.ingest",
  params: z.object({ date: z.string(), force: z.boolean().default(false) }),
  needs: ["sql"],
  async run({ params: { date, force }, capture, commit, sql, anomaly }) {
    const path = join(import.meta.dirname, "quotes", date + ".csv");
    if (!existsSync(path)) throw new SpineError("SOURCE_NOT_FOUND", "There is no file of " + date + ".");
    const text = readFileSync(path, "utf8");
    await orThrow(sql.execute("create table if not exists quotes (capture_id text, symbol text, price real, primary key (capture_id, symbol))"));
    const slot = slotOf(date, "INGEST", "BRONZE");
    const hash = contentHash(text);
    if (!force && (await orThrow(capture.unchanged({ ...slot, contentHash: hash }))) !== undefined) return skipped("unchanged");
    const running = await orThrow(capture.begin({ ...slot, contentHash: hash, effectiveDate: date, ...(force ? { reason: "forced" } : {}) }));
    const lines = text.trim().split("\\n").map((line) => line.split(","));
    const rows = lines.filter(([, price]) => price !== "n/a").map(([symbol, price]) => ({ symbol, price: Number(price) }));
    await orThrow(running.insert("quotes", rows));
    const refused = lines.filter(([, price]) => price === "n/a");
    await orThrow(running.reject(refused.map(([symbol]) => ({ reasonCode: "PRICE_MISSING", reasonDetail: symbol }))));
    for (const { symbol, price } of rows) {
      if (price > 1000) await orThrow(anomaly({ code: "PRICE_HIGH", message: symbol + " costs " + price, captureId: running.captureId, severity: price > 9000 ? "CRITICAL" : "WARNING", ...slot }));
    }
    if (rows.some(({ symbol }) => symbol === "TORN")) throw new SpineError("SOURCE_NOT_FOUND", "The file of " + date + " is torn.");
    running.complete({ contentHash: hash });
    await orThrow(running.gate(notNegative, rows));
    await orThrow(running.gate(notZero, rows));
    return commit(() => ({ recordCount: rows.length }));
  },
});

const average = definePipeline({
  key: "quotes.average",
  params: z.object({ date: z.string(), force: z.boolean().default(false) }),
  needs: ["sql"],
  async run({ params: { date, force }, capture, commit, sql }) {
    const input = await orThrow(capture.require(slotOf(date, "INGEST", "BRONZE")));
    await orThrow(sql.execute("create table if not exists averages (capture_id text, date text, average real, primary key (capture_id, date))"));
    const { rows } = await orThrow(sql.execute("select avg(price) as average from quotes where capture_id = ?", [input.captureId]));
    const slot = slotOf(date, "AVERAGE", "GOLD");
    const hash = contentHash(String(rows[0].average));
    const inputs = [input.captureId];
    if (!force && (await orThrow(capture.unchanged({ ...slot, contentHash: hash, inputs }))) !== undefined) return skipped("unchanged");
    const running = await orThrow(capture.begin({ ...slot, contentHash: hash, inputs, ...(force ? { reason: "forced" } : {}) }));
    await orThrow(running.insert("averages", [{ date, average: rows[0].average }]));
    running.complete({ contentHash: hash });
    return commit(() => ({ recordCount: 1 }));
  },
});

const daily = workflow("quotes.daily", { params: z.object({ date: z.string(), force: z.boolean().default(false) }) })
  .pipeline("ingest", "quotes.ingest")
  .pipeline("average", "quotes.average")
  .build();

export default defineConfig({
  store: sqlite(import.meta.dirname + "/spine.db"),
  pipelines: [ingest, average],
  workflows: [daily],
  retentions: [defineRetention({ domain: "quotes", keepVersions: 1 })],
  expectations: [
    defineExpectation({
      name: "quotes.daily",
      description: "Every day's quotes and their average.",
      domain: "quotes",
      stages: [{ stage: "INGEST", tier: "BRONZE" }, { stage: "AVERAGE", tier: "GOLD" }],
      frequency: "business-day",
      start: "2025-11-03",
      end: "2025-11-07",
      produce: { run: "quotes.daily", params: { date: "{{ date }}" }, force: { force: true } },
    }),
  ],
});
`;

/** The project with a file for each date that is given. */
export function createLedger(files: Readonly<Record<string, string>> = {}): Project {
  const project = createProject(ledgerConfig);
  for (const [date, text] of Object.entries(files)) writeQuotes(project, date, text);
  return project;
}

export function writeQuotes({ write }: Project, date: string, text: string): void {
  write(`quotes/${date}.csv`, text);
}

/** Ids of the captures that `spine captures` lists with these filters, newest first. */
export async function captureIds({ json }: Project, filters = ""): Promise<readonly string[]> {
  const { document } = await json(`captures ${filters}`);
  return (document["captures"] as readonly { readonly captureId: string }[]).map(({ captureId }) => captureId);
}

/** The newest capture with these filters. */
export async function newestCapture(project: Project, filters: string): Promise<string> {
  return (await captureIds(project, filters))[0] ?? "none";
}
