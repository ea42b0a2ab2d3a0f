import type { Style } from "./style.ts";

/** Lines under a heading; nothing at all without lines. */
export function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.length === 0 ? [] : ["", style.paint("bold", title), ...lines];
}
