/** What every checking command of this repository ends with. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped?: number;
}

/** The closing line: `12 passed, 0 failed`, with `, 3 skipped` only when something was. */
export function tallyLine({ passed, failed, skipped = 0 }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
