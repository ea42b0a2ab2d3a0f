import { orThrow, type SqlValue, type Store } from "@spine/core";

/** Where the captures of a benchmark lie: `partitions` days, each captured `versions` times, at one stage. */
export interface LedgerShape {
  readonly stage: string;
  readonly partitions: number;
  readonly versions: number;
}

export const benchDomain = "bench.prices";

const batchRows = 20_000;
const firstMs = Date.UTC(2000, 0, 1);
const digits = 7;

export function partitionAt(place: number): string {
  return `p${String(place).padStart(digits, "0")}`;
}

export function captureIdAt(stage: string, place: number, version: number): string {
  return `cap_${stage.toLowerCase()}_${String(place).padStart(digits, "0")}_${version}`;
}

/** Writes the entries of captures that ended well, past the port: a million completions would take an hour. */
export async function loadLedger(store: Store, { stage, partitions, versions }: LedgerShape): Promise<void> {
  let batch: Record<string, SqlValue>[] = [];
  const flush = async (): Promise<void> => {
    await orThrow(store.sql.insert("core_manifest", batch));
    batch = [];
  };
  for (let place = 0; place < partitions; place += 1) {
    for (let version = 0; version < versions; version += 1) {
      const at = new Date(firstMs + (version * partitions + place) * 1000).toISOString();
      batch.push({
        capture_id: captureIdAt(stage, place, version),
        domain: benchDomain,
        partition_key: partitionAt(place),
        stage,
        tier: "BRONZE",
        status: "COMPLETE",
        started_at: at,
        completed_at: at,
        row_count: 1000,
        reject_count: 0,
        content_hash: `${place}-${version}`.padEnd(64, "0"),
        captured_at: at,
        available_at: at,
        supersedes: version === 0 ? null : captureIdAt(stage, place, version - 1),
        reason: version === 0 ? "first" : "restatement",
        run_id: `run_${place}`,
        step: "fetch",
        metrics: "{}",
      });
      if (batch.length === batchRows) await flush();
    }
  }
  if (batch.length > 0) await flush();
}

/** A lineage in layers: each capture of a layer is computed from three of the layer before it, all of them from the first one's. */
export async function loadLineage(
  store: Store,
  { layers, width }: { readonly layers: number; readonly width: number },
): Promise<void> {
  let batch: Record<string, SqlValue>[] = [];
  for (let layer = 1; layer < layers; layer += 1) {
    for (let place = 0; place < width; place += 1) {
      for (const offset of [0, 1, 7]) {
        batch.push({
          capture_id: lineageId(width, layer, place),
          input_capture_id: lineageId(width, layer - 1, (place + offset) % width),
        });
      }
    }
    if (batch.length >= batchRows) {
      await orThrow(store.sql.insert("core_capture_inputs", batch));
      batch = [];
    }
  }
  if (batch.length > 0) await orThrow(store.sql.insert("core_capture_inputs", batch));
}

export function lineageId(width: number, layer: number, place: number): string {
  return `cap_lineage_${width}_${layer}_${place}`;
}
