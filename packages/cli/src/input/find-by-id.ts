import { type ErrorCode, SpineError } from "@spine/core";

/** What can be found by an id, and how. */
export interface IdSearch<T> {
  /** In the singular, for texts: `run`. */
  readonly noun: string;
  /** @defaultValue the noun with an s */
  readonly plural?: string;
  /** What its ids begin with: `run`. */
  readonly prefix: string;
  /** What not finding one fails with. */
  readonly code: ErrorCode;
  idOf(found: T): string;
  get(id: string): Promise<T | undefined>;
  /** All of them, or as many of the newest as are worth a look. */
  pages(): AsyncIterable<readonly T[]>;
  /** Whether one is preferred where another fits as well. @defaultValue none is */
  isPreferred?(candidate: T): boolean;
}

/**
 * The thing that an id names, whole or shortened to a beginning (with or without its prefix) or an end nothing else has. Throws the
 * search's code, also when several fit; the text names them.
 */
export async function findById<T>(id: string, search: IdSearch<T>): Promise<T> {
  const exact = await search.get(id);
  if (exact !== undefined) return exact;
  const found: T[] = [];
  if (id !== "") {
    for await (const page of search.pages())
      found.push(...page.filter((one) => fits(search.idOf(one), id, search.prefix)));
  }
  const preferred = search.isPreferred === undefined ? [] : found.filter(search.isPreferred);
  const candidates = preferred.length > 0 ? preferred : found;
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  throw only === undefined ? notFound(id, search) : ambiguous(id, candidates.map(search.idOf), search);
}

function fits(found: string, id: string, prefix: string): boolean {
  return found.startsWith(id) || found.startsWith(`${prefix}_${id}`) || found.endsWith(id);
}

function notFound(id: string, { noun, code }: Pick<IdSearch<never>, "noun" | "code">): SpineError {
  return new SpineError(code, `No ${noun} in this store has the id "${id}".`, { context: { [`${noun}Id`]: id } });
}

function ambiguous(
  id: string,
  candidates: readonly string[],
  { noun, plural = `${noun}s`, code }: Pick<IdSearch<never>, "noun" | "plural" | "code">,
): SpineError {
  const names = candidates.slice(0, 5);
  const more = candidates.length > names.length ? ` and ${candidates.length - names.length} more` : "";
  return new SpineError(code, `"${id}" fits ${candidates.length} ${plural}: ${names.join(", ")}${more}.`, {
    context: {
      [`${noun}Id`]: id,
      candidates: names,
      remedy: "Give more of the id; its end tells them apart best.",
    },
  });
}
