/** Order by code units: the same on every machine, whatever its language. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Values by key, keys in the order in which they came. (`Map.groupBy` is of ES2024.) */
export function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** The exact sum of whole numbers: thousands of 13-digit quantities pass 2^53, where doubles begin to round. */
export function sumOf<T>(values: readonly T[], quantityOf: (value: T) => number | bigint): bigint {
  return values.reduce((sum, value) => sum + BigInt(quantityOf(value)), 0n);
}
