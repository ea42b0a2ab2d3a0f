import { orThrow, type Store } from "@spine/core";
import { benchDomain, captureIdAt, lineageId, partitionAt } from "./capture-ledger.ts";

let begun = 0;

/** Microseconds for each start and completion of a first capture: what a pipeline adds to its own writes. */
export async function captureCost(store: Store, captures: number): Promise<number> {
  const startedMs = performance.now();
  for (let done = 0; done < captures; done += 1) {
    begun += 1;
    const captureId = `cap_${process.pid}_${begun}`;
    await orThrow(
      store.captures.start({
        captureId,
        domain: benchDomain,
        partition: `write_${begun}`,
        stage: "WRITE",
        tier: "BRONZE",
        contentHash: captureId.padEnd(64, "0"),
        runId: `run_${begun}`,
        step: "fetch",
        owner: "bench",
      }),
    );
    const { capture } = await orThrow(store.captures.complete({ captureId, rowCount: 1000, rejectCount: 0 }));
    if (capture.status !== "COMPLETE") throw new Error(`${captureId} is ${capture.status}`);
  }
  return ((performance.now() - startedMs) * 1000) / captures;
}

/** Places spread over the ledger, so that no two reads in a row find the same page. */
export function placesOf(partitions: number, reads: number): readonly number[] {
  return Array.from({ length: reads }, (_, read) => (read * 7919 + (begun += 1)) % partitions);
}

/** Microseconds for each look at the present capture of a partition. */
export async function resolveCost(store: Store, partitions: number, versions: number, reads: number): Promise<number> {
  const places = placesOf(partitions, reads);
  const startedMs = performance.now();
  for (const place of places) {
    const capture = await orThrow(
      store.captures.resolve({ domain: benchDomain, partition: partitionAt(place), stage: "INGEST", tier: "BRONZE" }),
    );
    if (capture?.captureId !== captureIdAt("INGEST", place, versions - 1))
      throw new Error(`found ${capture?.captureId}`);
  }
  return ((performance.now() - startedMs) * 1000) / reads;
}

/** Milliseconds to find the present and the last start of every partition of a stage. */
export async function headsCost(store: Store, stage: string, partitions: number): Promise<number> {
  const startedMs = performance.now();
  const heads = await orThrow(store.captures.heads({ domain: benchDomain, stage }));
  const tookMs = performance.now() - startedMs;
  if (heads.length !== partitions) throw new Error(`found ${heads.length} heads`);
  return tookMs;
}

/** Microseconds for each capture of a whole lineage, found from the first of its captures. */
export async function lineageCost(store: Store, layers: number, width: number): Promise<number> {
  const startedMs = performance.now();
  const edges = await orThrow(store.captures.edges({ captureId: lineageId(width, layers - 1, 0), direction: "up" }));
  const tookMs = performance.now() - startedMs;
  if (edges.length < layers * 3) throw new Error(`found ${edges.length} edges`);
  return (tookMs * 1000) / (layers * width);
}
