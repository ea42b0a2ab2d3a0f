import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from "@aws-sdk/client-s3";
import {
  ConfigError,
  err,
  instantOfMs,
  NetworkError,
  ok,
  type Result,
  resultAsync,
  type Schema,
  SourceError,
  SourceNotFoundError,
  type SpineError,
  systemClock,
  toSpineError,
} from "@spine/core";
import { readReplay } from "../archive/read-replay.ts";
import type { ByteContent } from "../content/byte-content.ts";
import { hasContentOf, isAborted, readAborted } from "../content/content-hash.ts";
import { asUnchanged, PartsTally } from "../content/parts-tally.ts";
import { readContent } from "../content/read-content.ts";
import { describeRowSettings, resolveRowOptions, type RowOptions } from "../content/row-options.ts";
import { spool } from "../content/spool.ts";
import { defineSource } from "../define-source.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import type { DelimitedChoice, SchemaRow } from "../file/file-source.ts";
import type { RowFormat } from "../formats/row-format.ts";
import type { ReadOptions, Source, SourceDescription, SourceParams } from "../source.ts";
import type { SourceVersion } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import type { ProblemSubject } from "../text/read-problem.ts";

export interface ObjectStoreSourceOptions<
  Column extends string = string,
  RowSchema extends Schema | undefined = Schema | undefined,
> extends RowOptions<Column, RowSchema> {
  /** Words joined by `.` or `/`: `finra.otc.archive`. @defaultValue "object" */
  readonly name?: string;
  readonly domain?: string;
  /** Yours, with its region, endpoint and credentials; any store that speaks S3. */
  readonly client: S3Client;
  readonly bucket: string;
  /** The object's key, or a function of the reader's `params`. */
  readonly key: string | ((params: SourceParams) => string);
}

export interface ObjectStoreSource<Row = TextRow> extends Source<Row> {
  readonly type: "object-store";
}

/**
 * One object of an S3-compatible store. It is on the disk, whole, before the first row is made of it; with `previous` it is asked for
 * conditionally, and is `unchanged` when the store says so or its bytes are the same. The client retries requests; for a body that breaks,
 * see `withRetry`.
 *
 * Throws on options that cannot be meant (`CONFIG_INVALID`, `KEY_INVALID`). Reading fails as a file does by what is in it, and with
 * `SOURCE_NOT_FOUND`, `AUTHORIZATION_FAILED`, `NETWORK_ERROR`, `BODY_INCOMPLETE` and `CANCELLED`.
 */
export function objectStoreSource<
  const Column extends string = string,
  RowSchema extends Schema | undefined = undefined,
>(
  options: ObjectStoreSourceOptions<Column, RowSchema> & DelimitedChoice<Column>,
): ObjectStoreSource<SchemaRow<RowSchema, TextRow<Column>>>;
export function objectStoreSource<Row, RowSchema extends Schema | undefined = undefined>(
  options: ObjectStoreSourceOptions<string, RowSchema> & { readonly format: RowFormat<Row> },
): ObjectStoreSource<SchemaRow<RowSchema, Row>>;
export function objectStoreSource<RowSchema extends Schema | undefined = undefined>(
  options: ObjectStoreSourceOptions<string, RowSchema>,
): ObjectStoreSource<SchemaRow<RowSchema, Readonly<Record<string, unknown>>>>;
export function objectStoreSource(options: ObjectStoreSourceOptions): ObjectStoreSource<unknown> {
  const { name = "object", domain, bucket, key } = options;
  const settings = resolveRowOptions(options);
  const locatorOf = (objectKey: string): string => `s3://${bucket}/${objectKey}`;
  const description: SourceDescription = Object.freeze({
    name,
    domain,
    type: "object-store",
    locator: typeof key === "function" ? undefined : locatorOf(key),
    options: describeRowSettings(settings),
  });

  async function open(readOptions: ReadOptions): Promise<Result<OpenedObject, SpineError>> {
    let objectKey: string;
    try {
      objectKey = typeof key === "function" ? key(readOptions.params ?? {}) : key;
    } catch (thrown) {
      const message = `Source "${name}": the key of its object cannot be told.`;
      return err(new ConfigError(message, { context: { sourceName: name }, cause: thrown }));
    }
    const subject = { sourceName: name, sourceType: "object-store", locator: locatorOf(objectKey) };
    return openObject(options, { objectKey, subject }, readOptions);
  }

  async function* read(readOptions: ReadOptions): BatchReader<unknown> {
    const { clock = systemClock, replay, previous } = readOptions;
    const startedMs = clock.monotonicMs();
    if (replay !== undefined) {
      const locator = description.locator ?? replay.parts[0]?.locator ?? name;
      const subject = { sourceName: name, sourceType: "object-store", locator };
      return yield* readReplay(replay, { settings, subject }, readOptions);
    }
    const opened = await open(readOptions);
    if (opened.isErr()) return err(opened.error);
    const { content, subject } = opened.value;
    if (content === undefined) {
      const metadata = new PartsTally(subject).metadata(clock.monotonicMs() - startedMs);
      return ok(asUnchanged({ ...metadata, ...previous, contentHash: previous?.contentHash ?? "" } as typeof metadata));
    }
    try {
      return yield* readContent(content, { settings }, readOptions);
    } finally {
      await content.close();
    }
  }

  async function hasChanged(previous: SourceVersion, readOptions: ReadOptions): Promise<Result<boolean, SpineError>> {
    const opened = await open({ ...readOptions, previous });
    if (opened.isErr()) return err(opened.error);
    const { content } = opened.value;
    if (content === undefined) return ok(false);
    try {
      return (await hasContentOf(content, previous, readOptions.signal)).map((isSame) => !isSame);
    } finally {
      await content.close();
    }
  }

  const source = defineSource({
    name,
    domain,
    type: "object-store",
    describe: () => description,
    read,
    hasChanged: (previous, readOptions) => resultAsync(() => hasChanged(previous, readOptions)),
  });
  return Object.freeze({ ...source, type: "object-store" as const });
}

interface OpenedObject {
  readonly subject: ProblemSubject;
  /** Undefined when it is what `previous` was. */
  readonly content: ByteContent | undefined;
}

async function openObject(
  { client, bucket }: ObjectStoreSourceOptions,
  { objectKey, subject }: { readonly objectKey: string; readonly subject: ProblemSubject },
  { signal, previous }: ReadOptions,
): Promise<Result<OpenedObject, SpineError>> {
  if (isAborted(signal)) return err(readAborted(subject, signal));
  const isConditional = previous?.contentHash !== undefined && previous.etag !== undefined;
  try {
    const answer = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: objectKey,
        ...(isConditional ? { IfNoneMatch: previous.etag } : {}),
      }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    const spooled = await spool(bodyChunks(answer, subject), subject);
    return spooled.map((content) => ({ subject, content: withFacts(content, answer) }));
  } catch (thrown) {
    if (statusOf(thrown) === 304) return ok({ subject, content: undefined });
    if (isAborted(signal)) return err(readAborted(subject, signal));
    return err(objectError(thrown, subject));
  }
}

async function* bodyChunks(
  { Body: body, ContentLength: expectedBytes }: GetObjectCommandOutput,
  subject: ProblemSubject,
): AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined> {
  let receivedBytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      receivedBytes += chunk.length;
      yield ok(chunk);
    }
    if (expectedBytes === undefined || receivedBytes === expectedBytes) return;
    yield err(incomplete(subject, `${receivedBytes} of ${expectedBytes} bytes came`));
  } catch (thrown) {
    yield err(incomplete(subject, "its body was cut off", thrown));
  }
}

function withFacts(content: ByteContent, { ETag: etag, LastModified: modified }: GetObjectCommandOutput): ByteContent {
  return {
    subject: content.subject,
    sizeBytes: content.sizeBytes,
    modifiedAt: modified === undefined ? undefined : instantOfMs(modified.getTime()),
    ...(etag === undefined ? {} : { etag }),
    chunks: () => content.chunks(),
    slice: (start, end) => content.slice(start, end),
    hasChanged: () => Promise.resolve(false),
    close: () => content.close(),
  };
}

function statusOf(thrown: unknown): number | undefined {
  const { $metadata } = (thrown ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

function objectError(thrown: unknown, subject: ProblemSubject): SpineError {
  const status = statusOf(thrown);
  const known = toSpineError(status === undefined ? thrown : { status, message: "" }, "SOURCE_ERROR");
  const why = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : "the store refused it";
  const message = `Could not read ${subject.locator}: ${why}.`;
  const options = { code: known.code, context: { ...subject }, cause: thrown };
  return status === 404 ? new SourceNotFoundError(message, options) : new SourceError(message, options);
}

function incomplete(subject: ProblemSubject, why: string, cause?: unknown): SpineError {
  return new NetworkError(`Could not read ${subject.locator}: ${why}.`, {
    code: "BODY_INCOMPLETE",
    context: { ...subject },
    cause,
  });
}
