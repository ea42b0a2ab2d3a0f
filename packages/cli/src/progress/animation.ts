import type { CliIo } from "../io.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;

/** Something that is drawn again ten times a second. */
export interface Animation {
  /** A mark that turns from one drawing to the next. */
  mark(): string;
  stop(): void;
}

export function animate({ clock }: Pick<CliIo, "clock">, draw: () => void): Animation {
  let frame = 0;
  let cancelTimer: () => void = () => undefined;

  function tick(): void {
    cancelTimer = clock.setTimer(frameMs, () => {
      frame += 1;
      draw();
      tick();
    });
  }

  tick();
  return { mark: () => frames[frame % frames.length] ?? "", stop: () => cancelTimer() };
}
