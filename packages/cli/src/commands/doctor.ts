import type { Command } from "../command.ts";
import type { Check } from "../doctor/check.ts";
import { coreCopiesCheck } from "../doctor/core-copies.ts";
import { definitionChecks } from "../doctor/definition-checks.ts";
import { storeChecks } from "../doctor/store-checks.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { countOf } from "../output/format.ts";
import { oneLine, type Style } from "../output/style.ts";
import { pad } from "../output/table.ts";
import { openProject } from "../session.ts";

/** `spine doctor`: looks for what keeps a project or its data from working, and says what to do about each finding. */
export const doctor: Command = async (invocation) => {
  const project = await openProject(invocation);
  const { style, io } = invocation;
  const ofStore = await storeChecks(project, io.clock);
  const reachable = ofStore.some(({ name, status }) => name === "store" && status === "ok");
  const checks: readonly Check[] = [
    { name: "config", status: "ok", text: project.path ?? "none; working with --store alone" },
    ...ofStore,
    ...(await definitionChecks(project, { reachable, clock: io.clock })),
    coreCopiesCheck(project.directory),
  ];
  const problems = checks.filter(({ status }) => status === "problem").length;
  const warnings = checks.filter(({ status }) => status === "warning").length;
  return {
    exitCode: problems === 0 ? EXIT_CODES.DONE : EXIT_CODES.FAILED,
    document: { problems, warnings, checks },
    lines: [...checks.flatMap((check) => checkLines(check, style)), "", verdict(problems, warnings)],
  };
};

const marks = { ok: ["✓", "green"], warning: ["!", "yellow"], problem: ["✗", "red"] } as const;

function checkLines({ name, status, text, remedy }: Check, style: Style): readonly string[] {
  const [mark, colour] = marks[status];
  const shown = style.terminal ? style.paint(colour, mark) : pad(status, 7, "left");
  return [
    `${shown} ${pad(name, 11, "left")} ${oneLine(text)}`,
    ...(remedy === undefined ? [] : [`${" ".repeat(style.terminal ? 14 : 20)}${style.paint("cyan", "→")} ${remedy}`]),
  ];
}

function verdict(problems: number, warnings: number): string {
  if (problems + warnings === 0) return "Nothing is wrong.";
  return `${countOf(problems, "problem")}, ${countOf(warnings, "warning")}.`;
}
