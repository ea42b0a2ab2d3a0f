import { ConfigError } from "./errors/families.ts";
import { err, ok, type Result } from "./result.ts";

const keyForm = /^[A-Za-z][A-Za-z0-9_-]*(?:[./:][A-Za-z0-9][A-Za-z0-9_-]*)*$/;

/**
 * Checks the form of a registry key: words of letters, digits, `_` and `-`, joined by `.`, `/` or `:`, at most 200 characters
 * (`finra.otc.ingest_week`, `prices/fetch_daily`). Fails with `KEY_INVALID`.
 */
export function parseKey(kind: string, key: string): Result<string, ConfigError> {
  if (keyForm.test(key) && key.length <= 200) return ok(key);
  return err(
    new ConfigError(
      `${kind} ${JSON.stringify(key)} is not a valid key. Use words of letters, digits, _ and -, joined by . / or :, such as finra.otc.ingest_week.`,
      { code: "KEY_INVALID", context: { kind, key } },
    ),
  );
}

/**
 * The known name that somebody who typed `name` most likely meant, or undefined when nothing is near: at most a third of the
 * characters may differ (edit distance with swaps, case ignored).
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    if (Math.abs(lower.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, lower);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` Did you mean "x"?`, or a list of what there is when that is short, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const names = [...known];
  const nearest = nearestName(name, names);
  if (nearest !== undefined) return ` Did you mean "${nearest}"?`;
  if (names.length === 0 || names.length > 8) return "";
  return ` Known: ${names.map((candidate) => `"${candidate}"`).join(", ")}.`;
}

/** Optimal string alignment distance: insert, delete, replace, or swap two neighbours. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const cost = left[i - 1] === right[j - 1] ? 0 : 1;
      let distance = Math.min((last[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1);
      }
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
