import type { CliOutput } from "../io.ts";

/** Lines at the bottom of a terminal that change in place; what is written above them stays. */
export interface LiveRegion {
  /** Replaces the changing lines. Each must fit the terminal's width, or the next change leaves rests. */
  show(lines: readonly string[]): void;
  /** Writes lines that stay, above the changing ones. */
  write(lines: readonly string[]): void;
}

export function createLiveRegion(output: CliOutput): LiveRegion {
  let shown: readonly string[] = [];

  // One write, so that a terminal never shows the state between.
  function draw(above: readonly string[], lines: readonly string[]): void {
    const up = shown.length === 0 ? "" : `\u001B[${shown.length}A\r\u001B[J`;
    output.write(`${up}${[...above, ...lines].map((line) => `${line}\n`).join("")}`);
    shown = lines;
  }

  return {
    show(lines) {
      if (lines.length === 0 && shown.length === 0) return;
      draw([], lines);
    },
    write: (lines) => draw(lines, shown),
  };
}
