import {
  ConfigError,
  err,
  type InstantInput,
  type JsonObject,
  msOf,
  ok,
  parseInstant,
  type Instant,
  type Result,
  resultAsync,
  type Schema,
  type SpineError,
  systemClock,
} from "@spine/core";
import { readReplay } from "../archive/read-replay.ts";
import { hasContentOf } from "../content/content-hash.ts";
import { readContent } from "../content/read-content.ts";
import { describeRowSettings, resolveRowOptions, type RowOptions, type RowSettings } from "../content/row-options.ts";
import { defineSource } from "../define-source.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import type { DelimitedChoice, SchemaRow } from "../file/file-source.ts";
import type { RowFormat } from "../formats/row-format.ts";
import type { ReadOptions, Source, SourceDescription, SourceParams } from "../source.ts";
import type { SourceMetadata, SourceVersion } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import type { ProblemSubject } from "../text/read-problem.ts";
import { download } from "./http-content.ts";
import { fileNameOf, type HttpHeaders } from "./http-response.ts";
import { type HttpRequest, HttpSession } from "./http-session.ts";
import {
  describeHttpSettings,
  type HttpClientOptions,
  type HttpSettings,
  resolveHttpOptions,
} from "./http-settings.ts";
import type { Pagination } from "./pagination.ts";
import { readPages } from "./read-pages.ts";
import { maskUrl } from "./secret.ts";

export interface HttpSourceOptions<
  Column extends string = string,
  RowSchema extends Schema | undefined = Schema | undefined,
>
  extends RowOptions<Column, RowSchema>, HttpClientOptions {
  /** Words joined by `.` or `/`: `finra.otc.api`. @defaultValue "http" */
  readonly name?: string;
  readonly domain?: string;
  /** An address, or a function of the reader's `params`. Secrets in it belong into `auth`. */
  readonly url: string | URL | ((params: SourceParams) => string | URL);
  /** @defaultValue "GET", or "POST" with a body */
  readonly method?: "GET" | "POST";
  /** Sent as JSON. */
  readonly body?: JsonObject | ((params: SourceParams) => JsonObject);
  /** @defaultValue the answer is one content */
  readonly pagination?: Pagination;
  /** Pages after which a service counts as endless. @defaultValue 10,000 */
  readonly maxPages?: number;
  /** Where the body stays on the disk; appears there when it is whole. Not for pages. @defaultValue nowhere */
  readonly downloadTo?: string | ((params: SourceParams) => string);
  /** When the source published what it answered, if it tells. @defaultValue not known */
  readonly publishedAt?: (answer: { readonly url: string; readonly headers: HttpHeaders }) => InstantInput | undefined;
}

export interface HttpSource<Row = TextRow> extends Source<Row> {
  readonly type: "http";
}

/**
 * What a server answers, as a source. A body is on the disk, whole, before the first row is made of it: a connection that breaks costs a
 * retry and not half a table. With `previous`, the request is conditional; an answer 304, or the same bytes under another ETag, is
 * `unchanged`. Pages are read one after another; then the content's hash is over those of the pages.
 *
 * Throws on options that cannot be meant (`CONFIG_INVALID`, `KEY_INVALID`). Reading fails as a file does by what is in it, and with
 * `NETWORK_ERROR`, `TIMEOUT`, `BODY_INCOMPLETE`, `RATE_LIMITED`, `HTTP_SERVER_ERROR`, `HTTP_CLIENT_ERROR`, `SOURCE_NOT_FOUND`,
 * `AUTHENTICATION_FAILED`, `AUTHORIZATION_FAILED`, `REDIRECT_REFUSED`, `ADDRESS_REFUSED`, `CONTENT_TOO_LARGE`, `PAGINATION_LOOP`,
 * `SECRET_MISSING` and `CANCELLED`.
 * @example
 * const trades = httpSource({
 *   name: "acme.trades",
 *   url: "https://api.example.com/trades",
 *   auth: { kind: "bearer", token: secretFromEnv("ACME_TOKEN") },
 *   pagination: byCursor({ field: "next" }),
 *   format: json({ path: "trades" }),
 * });
 */
export function httpSource<const Column extends string = string, RowSchema extends Schema | undefined = undefined>(
  options: HttpSourceOptions<Column, RowSchema> & DelimitedChoice<Column>,
): HttpSource<SchemaRow<RowSchema, TextRow<Column>>>;
export function httpSource<Row, RowSchema extends Schema | undefined = undefined>(
  options: HttpSourceOptions<string, RowSchema> & { readonly format: RowFormat<Row> },
): HttpSource<SchemaRow<RowSchema, Row>>;
export function httpSource<RowSchema extends Schema | undefined = undefined>(
  options: HttpSourceOptions<string, RowSchema>,
): HttpSource<SchemaRow<RowSchema, Readonly<Record<string, unknown>>>>;
export function httpSource(options: HttpSourceOptions): HttpSource<unknown> {
  const { name = "http", domain, pagination, maxPages = 10_000 } = options;
  const rows = resolveRowOptions(options);
  const http = resolveHttpOptions(options, pagination !== undefined);
  if (pagination !== undefined && options.downloadTo !== undefined)
    throw new ConfigError(
      `HTTP source "${name}": pages have no one place to be kept at. Leave out downloadTo or pagination.`,
    );
  const fixedUrl = typeof options.url === "function" ? undefined : parseUrl(options.url);
  const locator = fixedUrl === undefined ? undefined : maskUrl(fixedUrl);
  const description: SourceDescription = Object.freeze({
    name,
    domain,
    type: "http",
    locator,
    options: Object.freeze({
      ...describeRowSettings(rows),
      http: describeHttpSettings(http),
      ...(pagination === undefined ? {} : { pagination: pagination.name }),
    }),
  });

  async function* read(readOptions: ReadOptions): BatchReader<unknown> {
    const { replay } = readOptions;
    if (replay !== undefined) {
      const subject = { sourceName: name, sourceType: "http", locator: locator ?? replay.parts[0]?.locator ?? name };
      return yield* readReplay(replay, { settings: rows, subject }, readOptions);
    }
    const opened = openReading({ options, name, http, readOptions });
    if (opened.isErr()) return err(opened.error);
    const { session, subject, request } = opened.value;
    try {
      if (pagination !== undefined) {
        const json = typeof options.body === "function" ? options.body(readOptions.params ?? {}) : options.body;
        return yield* readPages(
          { session, subject, rows, pagination, maxPages, request, json, publishedAt },
          readOptions,
        );
      }
      return yield* readOne(
        { session, subject, request, rows, path: downloadPath(options, readOptions), publishedAt },
        readOptions,
      );
    } finally {
      await session.close();
    }
  }

  const publishedAt: PublishedAt = (answer) => {
    const found = options.publishedAt?.(answer);
    return found === undefined ? ok(undefined) : parseInstant(found);
  };

  async function hasChanged(previous: SourceVersion, readOptions: ReadOptions): Promise<Result<boolean, SpineError>> {
    if (pagination !== undefined) {
      const reader = read({ ...readOptions, previous });
      const first = await reader.next();
      if (first.done !== true) {
        await reader.return(ok(undefined as never));
        return ok(true);
      }
      return first.value.map(({ contentHash }) => contentHash !== previous.contentHash);
    }
    const opened = openReading({ options, name, http, readOptions });
    if (opened.isErr()) return err(opened.error);
    const { session, subject, request } = opened.value;
    try {
      const got = await download(session, conditional(request, previous), { subject, path: undefined });
      if (got.isErr()) return err(got.error);
      const { content } = got.value;
      if (content === undefined) return ok(false);
      try {
        return (await hasContentOf(content, previous, readOptions.signal)).map((isSame) => !isSame);
      } finally {
        await content.close();
      }
    } finally {
      await session.close();
    }
  }

  const source = defineSource({
    name,
    domain,
    type: "http",
    describe: () => description,
    read,
    hasChanged: (previous, readOptions) => resultAsync(() => hasChanged(previous, readOptions)),
  });
  return Object.freeze({ ...source, type: "http" as const });
}

/** When an answer was published. Fails with `INSTANT_INVALID`. */
export type PublishedAt = (answer: {
  readonly url: string;
  readonly headers: HttpHeaders;
}) => Result<Instant | undefined, SpineError>;

interface Opened {
  readonly session: HttpSession;
  readonly subject: ProblemSubject;
  readonly request: HttpRequest;
}

function openReading({
  options,
  name,
  http,
  readOptions,
}: {
  readonly options: HttpSourceOptions;
  readonly name: string;
  readonly http: HttpSettings;
  readonly readOptions: ReadOptions;
}): Result<Opened, SpineError> {
  const { params = {} } = readOptions;
  try {
    const url = parseUrl(typeof options.url === "function" ? options.url(params) : options.url);
    const json = typeof options.body === "function" ? options.body(params) : options.body;
    const subject = { sourceName: name, sourceType: "http", locator: maskUrl(url) };
    const session = new HttpSession({
      settings: http,
      subject,
      trustedOrigin: url.origin,
      isTrustedPrivate: typeof options.url !== "function",
      read: readOptions,
    });
    const request: HttpRequest = {
      url,
      method: options.method ?? (json === undefined ? "GET" : "POST"),
      headers: json === undefined ? {} : { "content-type": "application/json" },
      body: json === undefined ? undefined : JSON.stringify(json),
    };
    return ok({ session, subject, request });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `Source "${name}": its address cannot be told. ${why}`;
    return err(new ConfigError(message, { context: { sourceName: name }, cause: thrown }));
  }
}

interface OneReading extends Opened {
  readonly rows: RowSettings;
  readonly path: string | undefined;
  readonly publishedAt: PublishedAt;
}

async function* readOne(
  { session, subject, request, rows, path, publishedAt }: OneReading,
  readOptions: ReadOptions,
): BatchReader<unknown> {
  const { previous, clock = systemClock } = readOptions;
  const startedMs = clock.monotonicMs();
  const asked = previous === undefined ? request : conditional(request, previous);
  const got = await download(session, asked, { subject, path });
  if (got.isErr()) return err(got.error);
  const { head, content } = got.value;
  const published = publishedAt({ url: head.url.href, headers: head.headers });
  if (content === undefined) {
    return published.map((instant) =>
      notModified(subject, { previous, published: instant, tookMs: clock.monotonicMs() - startedMs }),
    );
  }
  try {
    if (published.isErr()) return err(published.error);
    const fileName = fileNameOf(head.url);
    const read = yield* readContent(content, { settings: rows, fileName, publishedAt: published.value }, readOptions);
    return read.map((metadata) => Object.freeze({ ...metadata, durationMs: clock.monotonicMs() - startedMs }));
  } finally {
    await content.close();
  }
}

function conditional(request: HttpRequest, previous: SourceVersion): HttpRequest {
  const { etag, modifiedAt, contentHash } = previous;
  // Without the hash of what was read, an answer without content would say nothing.
  if (contentHash === undefined) return request;
  const headers: Record<string, string> = { ...request.headers };
  if (etag !== undefined) headers["if-none-match"] = etag;
  else if (modifiedAt !== undefined) headers["if-modified-since"] = new Date(msOf(modifiedAt)).toUTCString();
  return { ...request, headers };
}

function notModified(
  subject: ProblemSubject,
  facts: {
    readonly previous: SourceVersion | undefined;
    readonly published: Instant | undefined;
    readonly tookMs: number;
  },
): SourceMetadata {
  const { previous = {}, published, tookMs } = facts;
  return Object.freeze({
    ...subject,
    contentHash: previous.contentHash ?? "",
    sizeBytes: previous.sizeBytes ?? 0,
    ...(previous.etag === undefined ? {} : { etag: previous.etag }),
    rowCount: 0,
    rejectedCount: 0,
    modifiedAt: previous.modifiedAt,
    publishedAt: published,
    format: undefined,
    compression: undefined,
    encoding: undefined,
    dialect: undefined,
    columns: [],
    trailer: [],
    durationMs: tookMs,
    unchanged: true,
    warnings: [],
    parts: [],
  });
}

function downloadPath({ downloadTo }: HttpSourceOptions, { params = {} }: ReadOptions): string | undefined {
  return typeof downloadTo === "function" ? downloadTo(params) : downloadTo;
}

function parseUrl(text: string | URL): URL {
  const url = URL.parse(String(text));
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new ConfigError(`${JSON.stringify(String(text))} is not an address that begins with https:// or http://.`);
  if (url.username !== "" || url.password !== "")
    throw new ConfigError("An address has no user and password in it. Pass them as auth.");
  return url;
}
