import { bytesHash } from "@spine/core";

/** Numbers that look random and are the same for the same seed on every machine. */
export interface Random {
  /** 0 ≤ value < 1. */
  next(): number;
  /** 0 ≤ value < below, whole. */
  int(below: number): number;
  /** Of the standard normal distribution. */
  normal(): number;
  pick<T>(values: readonly [T, ...T[]]): T;
}

/** mulberry32, begun by a hash of the seed's parts. */
export function createRandom(...seed: readonly (string | number)[]): Random {
  let state = Number.parseInt(bytesHash(seed.join("|")).slice(0, 8), 16);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    // Box and Muller; 1 - next() is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (values) => values[int(values.length)] ?? values[0],
  };
}
