const counts = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });

/** `12,345`. */
export function countText(count: number): string {
  return counts.format(count);
}

/** `1 row`, `12,345 rows`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : plural}`;
}

/** `12 ms`, `1.21 s`, `2 m 03 s`, `1 h 02 m`. */
export function durationText(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_995) return `${(durationMs / 1000).toFixed(2)} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`;
}

/** An instant to the second: `2025-12-20 09:30:00Z`. */
export function instantText(instant: string): string {
  return `${instant.slice(0, 19).replace("T", " ")}Z`;
}

/** A value on one line: text as it is, everything else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}
