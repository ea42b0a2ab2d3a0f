import { err, ok, type Result, type SpineError } from "@spine/core";
import { type Compression, decompress } from "../content/compression.ts";
import {
  badAnswer,
  bodyIncomplete,
  contentTooLarge,
  exchangeError,
  type ExchangeSubject,
  headerOf,
  type HttpHeaders,
} from "./http-response.ts";
import type { HttpRequest, HttpResponse, HttpSession } from "./http-session.ts";

/** Where a body goes. */
export interface BodySink {
  /** Forgets what was written: the body comes from its beginning again. */
  reset(): Promise<void>;
  /** The bytes may be reused when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
}

/** What came before its body. */
export interface ReceivedHead {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly url: URL;
}

const packings: Readonly<Record<string, Compression>> = Object.freeze({
  br: "brotli",
  gzip: "gzip",
  "x-gzip": "gzip",
  zstd: "zstd",
});

/**
 * Makes a request and brings its whole body into the sink. A body that is cut goes on where it stopped when the server can do that (a strong
 * ETag and ranges, RFC 9110, 13.1.5), else it comes again from its beginning. Answers 304 have no body.
 */
export async function receiveBody(
  session: HttpSession,
  request: HttpRequest,
  sink: BodySink,
): Promise<Result<ReceivedHead, SpineError>> {
  let receivedBytes = 0;
  let resumeTag: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const isResuming = receivedBytes > 0 && resumeTag !== undefined;
    const range = isResuming ? { range: `bytes=${receivedBytes}-`, "if-range": resumeTag ?? "" } : {};
    const response = await session.exchange({ ...request, headers: { ...request.headers, ...range } });
    if (response.isErr()) return err(response.error);
    const { status, headers, url } = response.value;
    const subject = session.subjectOf(url);
    if (status === 304) {
      response.value.body.destroy();
      return ok({ status, headers, url });
    }
    const goesOn = isResuming && status === 206 && rangeStart(headers) === receivedBytes;
    if (status === 206 && !goesOn) return err(badAnswer(subject, "the server sent a part that was not asked for"));
    if (!goesOn) {
      await sink.reset();
      receivedBytes = 0;
    }
    resumeTag = goesOn ? resumeTag : resumableTag(headers);
    const expectedBytes = lengthOf(headers);
    const start = receivedBytes;
    const failure = await takeBody(session, response.value, subject, async (bytes) => {
      receivedBytes += bytes.length;
      if (receivedBytes > session.settings.maxBodyBytes) return contentTooLarge(subject, session.settings.maxBodyBytes);
      await sink.write(bytes);
      return undefined;
    });
    const isShort = expectedBytes !== undefined && receivedBytes - start !== expectedBytes;
    const error =
      failure ??
      (isShort ? bodyIncomplete(subject, `${receivedBytes - start} of ${expectedBytes} bytes came`) : undefined);
    if (error === undefined) return ok({ status, headers, url });
    if (await session.mayRetry(error, attempt)) continue;
    return err(session.ended ?? error);
  }
}

async function takeBody(
  session: HttpSession,
  response: HttpResponse,
  subject: ExchangeSubject,
  take: (bytes: Uint8Array) => Promise<SpineError | undefined>,
): Promise<SpineError | undefined> {
  const coding = headerOf(response.headers, "content-encoding")?.toLowerCase() ?? "identity";
  const compression = packings[coding];
  const raw = bodyChunks(response, subject);
  if (coding !== "identity" && compression === undefined) {
    await raw.return();
    response.body.destroy();
    return badAnswer(subject, `its body is packed as "${coding}", which is not known here`);
  }
  const limits = { maxBytes: session.settings.maxBodyBytes, maxRatio: maxBodyRatio };
  const chunks = compression === undefined ? raw : decompress(raw, { compression, limits, subject });
  try {
    for await (const chunk of chunks) {
      if (chunk.isErr()) return chunk.error;
      const error = await take(chunk.value);
      if (error !== undefined) return error;
    }
    return undefined;
  } finally {
    response.body.destroy();
  }
}

/** A body that unpacks to more than this many times its size is made to do harm. */
const maxBodyRatio = 250;

async function* bodyChunks(
  response: HttpResponse,
  subject: ExchangeSubject,
): AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined> {
  try {
    for await (const chunk of response.body) yield ok(chunk);
  } catch (thrown) {
    const error = exchangeError(subject, thrown);
    const isCut = error.code === "NETWORK_ERROR";
    yield err(isCut ? bodyIncomplete(subject, "its body was cut off", thrown) : error);
  }
}

function resumableTag(headers: HttpHeaders): string | undefined {
  const tag = headerOf(headers, "etag");
  const isWhole = headerOf(headers, "content-encoding") === undefined;
  const takesRanges = headerOf(headers, "accept-ranges")?.toLowerCase() !== "none";
  return tag?.startsWith('"') === true && isWhole && takesRanges ? tag : undefined;
}

function rangeStart(headers: HttpHeaders): number | undefined {
  const found = /^bytes (\d+)-/.exec(headerOf(headers, "content-range") ?? "");
  return found === null ? undefined : Number(found[1]);
}

/** Bytes that the body has when it is not packed. */
function lengthOf(headers: HttpHeaders): number | undefined {
  const length = headerOf(headers, "content-length");
  if (length === undefined || headerOf(headers, "content-encoding") !== undefined) return undefined;
  return /^\d+$/.test(length) ? Number(length) : undefined;
}
