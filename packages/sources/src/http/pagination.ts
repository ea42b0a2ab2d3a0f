import type { Json, JsonObject } from "@spine/core";
import { headerOf, type HttpHeaders } from "./http-response.ts";

/** What is asked for a page. */
export interface PageRequest {
  readonly url: URL;
  /** JSON, when the request has a body. */
  readonly body: JsonObject | undefined;
}

/** A page as its successor is found by. */
export interface Page {
  readonly request: PageRequest;
  readonly headers: HttpHeaders;
  /** Of a JSON document, what is around its rows; undefined for other formats. */
  readonly envelope: Json | undefined;
  /** Rows and rejects. */
  readonly recordCount: number;
  /** 1 for the first. */
  readonly number: number;
}

/** How a service hands out its rows page by page. Make one with `byLink`, `byCursor`, `byPage` or `byOffset`, or write your own. */
export interface Pagination {
  /** For people. */
  readonly name: string;
  first(request: PageRequest): PageRequest;
  /** Undefined behind the last page. */
  next(page: Page): PageRequest | undefined;
}

/** Follows the `Link` header with `rel="next"` (RFC 8288). */
export function byLink(): Pagination {
  return Object.freeze({
    name: "link",
    first: (request: PageRequest) => request,
    next({ request, headers }: Page) {
      const target = nextLink(headerOf(headers, "link") ?? "");
      return target !== undefined && URL.canParse(target, request.url.href)
        ? { ...request, url: new URL(target, request.url) }
        : undefined;
    },
  });
}

export interface CursorOptions {
  /** Fields from the top of the document to the cursor, joined by `.`; an address counts as the next page's own. */
  readonly field: string;
  /** Parameter that takes the cursor. @defaultValue "cursor" */
  readonly parameter?: string;
  /** Where parameters go. @defaultValue "query" */
  readonly in?: "query" | "body";
}

/** Passes on the cursor that each page has for the next one; null, "" or nothing is the end. */
export function byCursor({ field, parameter = "cursor", in: place = "query" }: CursorOptions): Pagination {
  return Object.freeze({
    name: "cursor",
    first: (request: PageRequest) => request,
    next({ request, envelope }: Page) {
      const cursor = valueAt(envelope, field.split("."));
      if (typeof cursor !== "string" && typeof cursor !== "number") return undefined;
      if (cursor === "") return undefined;
      const text = String(cursor);
      if (/^https?:\/\//.test(text) && URL.canParse(text)) return { ...request, url: new URL(text) };
      return withParameter(request, parameter, cursor, place);
    },
  });
}

export interface CountedPagesOptions {
  /** Rows of a page; one that has fewer is the last. */
  readonly size: number;
  /** Parameter that takes the number or the offset. @defaultValue "page" or "offset" */
  readonly parameter?: string;
  /** Parameter that takes the size. @defaultValue none for pages, "limit" for offsets */
  readonly sizeParameter?: string;
  /** Number of the first page. @defaultValue 1 */
  readonly first?: number;
  /** @defaultValue "query" */
  readonly in?: "query" | "body";
}

/** Counts pages up until one is short. */
export function byPage({
  size,
  parameter = "page",
  sizeParameter,
  first = 1,
  in: place = "query",
}: CountedPagesOptions): Pagination {
  const at = (request: PageRequest, number: number): PageRequest => withParameter(request, parameter, number, place);
  return Object.freeze({
    name: "page",
    first: (request: PageRequest) =>
      at(sizeParameter === undefined ? request : withParameter(request, sizeParameter, size, place), first),
    next: ({ request, recordCount, number }: Page) => (recordCount < size ? undefined : at(request, first + number)),
  });
}

/** Counts rows up until a page is short. */
export function byOffset({
  size,
  parameter = "offset",
  sizeParameter = "limit",
  in: place = "query",
}: Omit<CountedPagesOptions, "first">): Pagination {
  const at = (request: PageRequest, offset: number): PageRequest => withParameter(request, parameter, offset, place);
  return Object.freeze({
    name: "offset",
    first: (request: PageRequest) => at(withParameter(request, sizeParameter, size, place), 0),
    next: ({ request, recordCount, number }: Page) => (recordCount < size ? undefined : at(request, number * size)),
  });
}

function withParameter(
  request: PageRequest,
  name: string,
  value: string | number,
  place: "query" | "body",
): PageRequest {
  if (place === "body") return { ...request, body: { ...request.body, [name]: value } };
  const url = new URL(request.url);
  url.searchParams.set(name, String(value));
  return { ...request, url };
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const field of path) {
    if (typeof current !== "object" || current === null || Array.isArray(current)) return undefined;
    const fields = current as JsonObject;
    current = Object.hasOwn(fields, field) ? fields[field] : undefined;
  }
  return current;
}

/** The target with `rel=next` among `<target>; rel="a b"; …, <target>; …`. */
function nextLink(header: string): string | undefined {
  for (const [, target, parameters = ""] of header.matchAll(
    /<([^>]*)>((?:\s*;\s*[^,;=]+(?:=(?:"[^"]*"|[^,;"]*))?)*)/g,
  )) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^;,\s]*))/i.exec(parameters);
    const words = (relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/);
    if (words.includes("next")) return target;
  }
  return undefined;
}
