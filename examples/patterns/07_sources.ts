// Sources: rows come in batches with their line numbers, and what cannot be a row is kept as a reject with the reason. Rows plus
// rejects are always all records of the file.

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { definePipeline, memory, ok, orThrow, type PipelinesOf, safeTry, skipped } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { fileArchive, fileSource, sources, withArchive } from "@spine/sources";
import { z } from "zod";

const folder = mkdtempSync(join(tmpdir(), "spine-example-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

// A file as vendors send them: pipes in a `.csv`, a quoted delimiter, a row that is cut, a number that is none.
const path = join(folder, "trades.csv");
writeFileSync(
  path,
  'id|symbol|shares|price\n1|AAPL|100|190.5\n2|"BRK|B"|3|410\n3|MSFT|5\n4|TSLA|many|250\n5|NVDA|7|120\n',
);

// 1. A source needs a path. The schema makes types of text; a row it refuses is a reject, and so is a cut one if we say so.
const Trade = z.object({
  id: z.string(),
  symbol: z.string().min(1),
  shares: z.coerce.number().int().positive(),
  price: z.coerce.number().positive(),
});
const trades = fileSource({ name: "trades.daily", path, ragged: "reject", schema: Trade });

console.log("1. Batches");
const read = await trades.stream().forEachBatch(({ rows, lineNumbers, rejects }) => {
  for (const [index, { symbol, shares }] of rows.entries())
    console.log(`  line ${lineNumbers[index]}: ${shares} ${symbol}`);
  for (const { lineNumber, reasonCode, reasonDetail } of rejects)
    console.log(`  line ${lineNumber}: ${reasonCode} ${reasonDetail}`);
});
const metadata = orThrow(read);
console.log(
  `  ${metadata.rowCount} rows + ${metadata.rejectedCount} rejects, delimiter "${metadata.dialect?.delimiter}"`,
);
for (const { code } of metadata.warnings) console.log(`  warning ${code}`);

// 2. The content hash was taken in the same pass. Given what was read last time, an unchanged file is not parsed again.
console.log("2. Unchanged content");
const again = await orThrow(trades.fetch({ previous: metadata }));
console.log(`  unchanged: ${again.metadata.unchanged}, rows: ${again.rows.length}`);

// 3. Without a policy a source is strict: the first record that does not fit the header ends the reading.
console.log("3. Strict by default");
for (const source of [fileSource({ path }), fileSource({ path: join(folder, "trades-of-tomorrow.csv") })]) {
  const { error } = (await source.fetch()).match(
    () => ({ error: undefined }),
    (failure) => ({ error: failure }),
  );
  console.log(`  ${error?.code} ${error?.message.replace(`${folder}/`, "")}`);
}

// 4. In a pipeline: the host knows sources by name, the capture keeps the rejects, the commit makes all of it visible at once.
const ingest = definePipeline({
  key: "trades.ingest_day",
  params: z.object({ day: z.iso.date() }),
  output: z.object({ accepted: z.int(), rejected: z.int() }),
  needs: ["sources"],
  run: ({ params: { day }, sources: known, capture, commit }) =>
    safeTry(async function* () {
      const slot = { domain: "trades", partition: day, stage: "INGEST", tier: "BRONZE" };
      const source = yield* known.get("trades.daily");
      const before = yield* capture.current(slot);
      if (before !== undefined && !(yield* source.hasChanged(before)))
        return ok(skipped(`the same content is captured already`, { accepted: 0, rejected: 0 }));

      const running = yield* capture.begin({ ...slot, effectiveDate: day });
      const { rowCount, rejectedCount, contentHash } = yield* source
        .stream()
        .forEachBatch(({ rejects }) => running.reject(rejects));
      running.complete({ rowCount, rejectCount: rejectedCount, contentHash });
      return commit(() => ({ accepted: rowCount, rejected: rejectedCount }));
    }),
});
const pipelines = [ingest] as const;
declare module "@spine/core" {
  interface Pipelines extends PipelinesOf<typeof pipelines> {}
}
declare module "@spine/sources" {
  interface SourceRows {
    "trades.daily": z.infer<typeof Trade>;
  }
}

console.log("4. In a pipeline");
const spine = await orThrow(createSpine({ store: memory(), pipelines, parts: [sources({ sources: [trades] })] }));
const options = { params: { day: "2025-06-06" } };
for (const occasion of ["first", "unchanged", "restated"]) {
  if (occasion === "restated") appendFileSync(path, "6|AMD|9|160\n");
  const run = await orThrow(spine.pipelines.run("trades.ingest_day", options));
  const [step] = run.steps;
  console.log(`  ${occasion}: ${step?.status} ${JSON.stringify(step?.output)} ${step?.reason ?? ""}`);
}
for (const { captureId, reason, rowCount } of await orThrow(spine.store.captures.list({ domain: "trades" }))) {
  const rejects = await orThrow(spine.store.anomalies.rejects({ captureId }));
  console.log(
    `  capture (${reason}): ${rowCount} rows, rejects at lines ${rejects.map(({ lineNumber }) => lineNumber).join(", ")}`,
  );
}
await orThrow(spine.close());

// 5. Around a source: the archive keeps raw bytes by their hash, so what came once can be read again, whatever the file has now.
console.log("5. Read again");
const archive = fileArchive(join(folder, "archive"));
const kept = withArchive(trades, archive);
const then = await orThrow(kept.fetch());
writeFileSync(path, "id|symbol|shares|price\n7|INTC|1|20\n");
const replay = await orThrow(archive.replay(then.metadata.contentHash));
const replayed = await orThrow(kept.fetch({ replay }));
console.log(`  now ${(await orThrow(kept.fetch())).rows.length} row, then ${replayed.rows.length} rows`);
