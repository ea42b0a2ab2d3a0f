import { DatabaseError, err, ok, type Result, type SpineError } from "@spine/core";

/** A statement with `$1`, `$2` … for `?`, and how many there are; `count` is undefined for a statement that had `$1` itself. */
export interface NumberedStatement {
  readonly text: string;
  readonly count: number | undefined;
}

/**
 * What a `?` inside is text: strings (`'…'`, `E'…'` with backslashes, `$tag$…$tag$`), names, comments (which nest); then what counts:
 * a numbered parameter or a question mark. A `$` right behind a name belongs to it.
 */
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*|\$(?:[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*)?\$|\$\d+|\?|[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*/gu;

const escapeString = /'(?:[^'\\]|''|\\[\s\S])*'/uy;

/**
 * Rewrites `?` as PostgreSQL's `$1`, `$2` …. A `?` inside quotes, dollar quotes or comments is text. A statement that has `$1` already
 * (kysely's have) is left as it is. jsonb's operator `?` cannot be told from a parameter: write `jsonb_exists(column, key)`.
 */
export function numberPlaceholders(sql: string): NumberedStatement {
  let text = "";
  let count = 0;
  let copied = 0;
  token.lastIndex = 0;
  for (let match = token.exec(sql); match !== null; match = token.exec(sql)) {
    const [found] = match;
    if (found === "?") {
      count += 1;
      text += `${sql.slice(copied, match.index)}$${count}`;
      copied = token.lastIndex;
    } else if (/^\$\d/.test(found)) return { text: sql, count: undefined };
    else token.lastIndex = endOfQuoted(sql, found, token.lastIndex);
  }
  return { text: text + sql.slice(copied), count };
}

/** Checks a statement's parameters before the server does, whose words for it are about the protocol. */
export function checkParameters({ count }: NumberedStatement, params: readonly unknown[]): Result<void, SpineError> {
  if (count === undefined || count === params.length) return ok(undefined);
  return err(
    new DatabaseError(
      `The statement has ${count} parameters and was given ${params.length}. Pass one value for each ?.`,
      {
        code: "QUERY_INVALID",
      },
    ),
  );
}

/** Where the token that was found really ends. */
function endOfQuoted(sql: string, found: string, end: number): number {
  if (found === "/*") return endOfComment(sql, end);
  if (found.startsWith("$")) {
    const close = sql.indexOf(found, end);
    return close === -1 ? sql.length : close + found.length;
  }
  if (/^e$/i.test(found) && sql[end] === "'") {
    escapeString.lastIndex = end;
    return escapeString.test(sql) ? escapeString.lastIndex : sql.length;
  }
  return end;
}

function endOfComment(sql: string, start: number): number {
  const edge = /\/\*|\*\//gu;
  edge.lastIndex = start;
  let depth = 1;
  for (let match = edge.exec(sql); match !== null; match = edge.exec(sql)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}
