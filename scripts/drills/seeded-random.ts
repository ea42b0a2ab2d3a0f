/** Chance that can be had again: the same seed gives the same numbers on every machine. */
export interface SeededRandom {
  /** 0 ≤ number < 1. */
  next(): number;
  /** A whole number, 0 ≤ number < limit. */
  below(limit: number): number;
}

/** The generator mulberry32; 32 bits of state are enough to pick a moment. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
}
