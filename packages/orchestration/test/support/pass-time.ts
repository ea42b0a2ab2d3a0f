import type { FakeClock } from "@spine/testkit";

/** Lets time pass by the clock, at most an hour, until the work has ended. */
export async function passTime<T>(clock: FakeClock, work: PromiseLike<T>): Promise<T> {
  const waiting = { ended: false };
  const ended = (): void => {
    waiting.ended = true;
  };
  work.then(ended, ended);
  for (let second = 0; second < 3600; second += 1) {
    await clock.advance(0);
    if (waiting.ended) return work;
    await clock.advance(1000);
  }
  throw new Error("The work had not ended after an hour of the clock.");
}
