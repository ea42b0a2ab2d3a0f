import {
  ParseError,
  SourceError,
  SourceNotFoundError,
  SpineError,
  TransientError,
  AuthError,
  RateLimitError,
  NetworkError,
  toSpineError,
} from "@spine/core";
import type { ProblemSubject } from "../text/read-problem.ts";
import type { Redaction } from "./secret.ts";

/** Header fields by their names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export function headerOf(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" || value === undefined ? value : value.join(", ");
}

/** The end of an address's path, in which the extension of a file is looked up. */
export function fileNameOf({ pathname }: URL): string {
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    // What is no percent encoding is meant as it stands.
    return last;
  }
}

/** What every error of a request says beside its text. */
export interface ExchangeSubject extends ProblemSubject {
  readonly url: string;
  readonly redaction: Redaction;
}

/** @param sample the first characters of the body, in which servers often say why */
export function statusError(
  subject: ExchangeSubject,
  {
    code,
    status,
    retryAfterMs,
    sample,
  }: {
    readonly code: string;
    readonly status: number;
    readonly retryAfterMs: number | undefined;
    readonly sample: string;
  },
): SpineError {
  const hidden = subject.redaction.hide(sample).replaceAll(/\s+/g, " ").trim();
  const said = hidden === "" ? "" : ` It says: ${hidden}`;
  const message = `Could not read ${subject.url}: the server answered ${status}.${said}`;
  const options = {
    code,
    context: { ...contextOf(subject), httpStatus: status },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  if (status === 429) return new RateLimitError(message, options);
  if (status === 404 || status === 410) return new SourceNotFoundError(message, options);
  if (status === 401 || status === 403 || status === 407) return new AuthError(message, options);
  if (status >= 500 || status === 408 || status === 425) return new TransientError(message, options);
  return new SourceError(message, options);
}

/** A failure of the connection as an error that says which address it was. */
export function exchangeError(subject: ExchangeSubject, thrown: unknown): SpineError {
  // What the guard refused comes wrapped in the errors of the connection.
  if (thrown instanceof SpineError) return thrown.withContext(contextOf(subject));
  const { code, message } = toSpineError(thrown, "NETWORK_ERROR");
  const text = `Could not read ${subject.url}: ${subject.redaction.hide(message)}.`;
  if (code === "CANCELLED") return new SpineError("CANCELLED", text, { context: contextOf(subject), cause: thrown });
  const known = code === "TIMEOUT" ? "TIMEOUT" : "NETWORK_ERROR";
  return new NetworkError(text, { code: known, context: contextOf(subject), cause: thrown });
}

export function bodyIncomplete(subject: ExchangeSubject, why: string, cause?: unknown): SpineError {
  return new NetworkError(`Could not read ${subject.url}: ${why}.`, {
    code: "BODY_INCOMPLETE",
    context: contextOf(subject),
    cause,
  });
}

export function contentTooLarge(subject: ExchangeSubject, limitBytes: number): SourceError {
  const remedy = "If it is meant to be so large, raise maxBodyBytes.";
  return new SourceError(`Could not read ${subject.url}: its body has more than ${limitBytes} bytes. ${remedy}`, {
    code: "CONTENT_TOO_LARGE",
    context: { ...contextOf(subject), remedy },
  });
}

export function redirectRefused(subject: ExchangeSubject, why: string): SourceError {
  return new SourceError(`Could not read ${subject.url}: ${why}. Correct the address.`, {
    code: "REDIRECT_REFUSED",
    context: contextOf(subject),
  });
}

export function badAnswer(subject: ExchangeSubject, why: string, cause?: unknown): ParseError {
  return new ParseError(`Could not read ${subject.url}: ${why}.`, { context: contextOf(subject), cause });
}

function contextOf({ sourceName, sourceType, locator, url }: ExchangeSubject): Readonly<Record<string, string>> {
  return { sourceName, sourceType, locator, url };
}
