import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "./time.ts";

/** Makes ids. Tests give one that counts, so that what they see is the same each time. */
export interface IdSource {
  /** `<prefix>_<26 characters>`: unique, and later ids sort after earlier ones of the same process. */
  next(prefix: string): string;
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const randomCharacters = 16;

/**
 * Time-ordered ids in the form of a lower-case ULID (48 bits of milliseconds, 80 of chance; github.com/ulid/spec). Within one
 * millisecond, and when the clock steps back, the random part of the last id counts up.
 */
export function createIds(clock: Clock = systemClock): IdSource {
  let lastMs = -1;
  let timeText = "";
  const random = new Uint8Array(randomCharacters);
  let pool = randomBytes(0);
  let used = 0;

  function reseed(): void {
    if (used + randomCharacters > pool.length) {
      pool = randomBytes(4096);
      used = 0;
    }
    for (let index = 0; index < randomCharacters; index += 1) random[index] = (pool[used + index] ?? 0) & 31;
    used += randomCharacters;
  }

  function increment(): void {
    for (let index = randomCharacters - 1; index >= 0; index -= 1) {
      const digit = random[index] ?? 0;
      random[index] = (digit + 1) & 31;
      if (digit < 31) return;
    }
  }

  return Object.freeze({
    next(prefix: string): string {
      const nowMs = clock.nowMs();
      if (nowMs > lastMs) {
        lastMs = nowMs;
        timeText = encodeTime(nowMs);
        reseed();
      } else increment();
      let text = timeText;
      for (const digit of random) text += alphabet[digit];
      return `${prefix}_${text}`;
    },
  });
}

/**
 * One id for all executions of a coordinated run: `<prefix>_<UTC YYYYMMDDTHHMMSS>_<8 hex>` (the earlier system's form, which
 * people grep for). A group's is `group_<name>_…`.
 */
export function newBatchId(prefix = "batch", clock: Clock = systemClock): string {
  const stamp = new Date(clock.nowMs()).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return `${prefix}_${stamp}_${randomBytes(4).toString("hex")}`;
}

function encodeTime(epochMs: number): string {
  let rest = epochMs;
  let text = "";
  for (let index = 0; index < 10; index += 1) {
    text = alphabet[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
