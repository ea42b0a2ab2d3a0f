const stringsAndComments = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

const anyType = /(?::|\bas|<|\||&|=>|\bextends)\s*any\b(?!\s*[(:.])|\bany\[\]|,\s*any\s*>/;

/** The text without its comments; line numbers stay. */
export function codeOf(text: string): string {
  return text.replace(stringsAndComments, (part) => (part.startsWith("/") ? part.replace(/[^\n]/g, " ") : part));
}

/** What the limits of the house say about one source file. */
export function sourceProblems(text: string, limits: { readonly maxLines: number }): readonly string[] {
  const lines = text.trimEnd().split("\n").length;
  const tooLong = lines > limits.maxLines ? [`${lines} lines, at most ${limits.maxLines}.`] : [];
  return [...tooLong, ...typeHoles(text)];
}

// The lint rule finds every `any`; these are the ways round it.
function typeHoles(text: string): readonly string[] {
  const withoutStrings = codeOf(text).replace(stringsAndComments, '""');
  const holes: readonly (readonly [RegExp, string, string])[] = [
    [anyType, "`any`: take unknown and parse.", withoutStrings],
    [/(?:\/\/|\*)\s*@ts-(?:ignore|nocheck)/, "type errors are not to be ignored.", text],
    [/(?:ox|es)lint-disable.*no-explicit-any/, "`any` is not to be allowed by a comment.", text],
  ];
  return holes.filter(([pattern, , searched]) => pattern.test(searched)).map(([, problem]) => problem);
}

/** Targets of the relative links of a Markdown text, without anchors; code blocks are left out. */
export function relativeLinks(markdown: string): readonly string[] {
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");
  const links = prose.matchAll(/\]\(\s*<?([^)\s>]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm);
  return [...links]
    .map(([, inline, reference]) => (inline ?? reference ?? "").replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z][a-z0-9+.-]*:/i.test(target));
}
