import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bytesHash,
  err,
  type Json,
  type JsonObject,
  ok,
  type Result,
  SourceError,
  type SpineError,
  systemClock,
} from "@spine/core";
import { memoryContent } from "../content/byte-content.ts";
import { asUnchanged, PartsTally } from "../content/parts-tally.ts";
import { readContent } from "../content/read-content.ts";
import type { RowSettings } from "../content/row-options.ts";
import type { ReadOptions, SourceBatch } from "../source.ts";
import type { SourceMetadata } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import type { ProblemSubject } from "../text/read-problem.ts";
import type { PublishedAt } from "./http-source.ts";
import type { HttpRequest, HttpSession } from "./http-session.ts";
import type { PageRequest, Pagination } from "./pagination.ts";
import { fileNameOf } from "./http-response.ts";
import { type BodySink, receiveBody, type ReceivedHead } from "./receive-body.ts";
import { maskUrl } from "./secret.ts";

export interface PagesReading {
  readonly session: HttpSession;
  readonly subject: ProblemSubject;
  readonly rows: RowSettings;
  readonly pagination: Pagination;
  readonly maxPages: number;
  /** What the first page is asked for with. */
  readonly request: HttpRequest;
  /** Its body. */
  readonly json: JsonObject | undefined;
  readonly publishedAt: PublishedAt;
}

/**
 * Reads page after page. With a `previous` version to compare with, all pages are brought to the disk first: whether the content is the
 * same is known behind the last one, and rows of the same content are not delivered.
 */
export async function* readPages(reading: PagesReading, options: ReadOptions): BatchReader<unknown> {
  const { clock = systemClock, previous } = options;
  const startedMs = clock.monotonicMs();
  if (previous?.contentHash === undefined) {
    const walk = new PageWalk(reading, options);
    return (yield* walk.deliver()).map(() => walk.metadata(clock.monotonicMs() - startedMs));
  }
  const folder = await mkdtemp(join(tmpdir(), "spine-pages-"));
  try {
    const survey = new PageWalk(reading, surveyOptions(options), { saveTo: folder });
    const steps = survey.deliver();
    let step = await steps.next();
    while (step.done !== true) step = await steps.next();
    if (step.value.isErr()) return err(step.value.error);
    const found = survey.metadata(clock.monotonicMs() - startedMs);
    if (found.contentHash === previous.contentHash) return ok(asUnchanged(found));
    const walk = new PageWalk(reading, withoutPrevious(options), { readFrom: folder });
    return (yield* walk.deliver()).map(() => walk.metadata(clock.monotonicMs() - startedMs));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function withoutPrevious(options: ReadOptions): ReadOptions {
  const { previous: _previous, ...others } = options;
  return others;
}

/** Only what is delivered is archived. */
function surveyOptions(options: ReadOptions): ReadOptions {
  const { previous: _previous, tee: _tee, ...others } = options;
  return others;
}

interface FetchedPage {
  readonly bytes: Buffer;
  readonly head: Pick<ReceivedHead, "headers" | "url">;
}

/** One way from the first page to the last. */
class PageWalk {
  readonly #reading: PagesReading;
  readonly #options: ReadOptions;
  readonly #place: { readonly saveTo?: string; readonly readFrom?: string };
  readonly #tally: PartsTally;

  constructor(
    reading: PagesReading,
    options: ReadOptions,
    place: { readonly saveTo?: string; readonly readFrom?: string } = {},
  ) {
    this.#reading = reading;
    this.#options = options;
    this.#place = place;
    this.#tally = new PartsTally(reading.subject);
  }

  async *deliver(): AsyncGenerator<SourceBatch<unknown>, Result<void, SpineError>, undefined> {
    const { pagination, maxPages, request, json, rows, subject, publishedAt } = this.#reading;
    let asked: PageRequest | undefined = pagination.first({ url: request.url, body: json });
    const seen = new Set<string>();
    for (let number = 1; asked !== undefined; number += 1) {
      const locator = maskUrl(asked.url);
      if (seen.has(keyOf(asked))) return err(looped(subject, `page ${number} is one that was read before, ${locator}`));
      if (number > maxPages) return err(looped(subject, `there are more than ${maxPages} pages`));
      seen.add(keyOf(asked));
      const page = await this.#fetch(asked, number);
      if (page.isErr()) return err(page.error);
      const { bytes, head } = page.value;
      const published = publishedAt({ url: head.url.href, headers: head.headers });
      if (published.isErr()) return err(published.error);
      const content = memoryContent(bytes, { subject: { ...subject, locator }, modifiedAt: undefined });
      let envelope: Json | undefined;
      const fileName = fileNameOf(head.url);
      const read = yield* readContent(
        content,
        {
          settings: rows,
          fileName,
          publishedAt: published.value,
          onFindings: (findings) => (envelope = findings.envelope as Json | undefined),
        },
        this.#options,
      );
      if (read.isErr()) return err(read.error);
      const repeated = this.#repeats(read.value);
      if (repeated) return err(looped(subject, `page ${number} has the same content as the one before it`));
      this.#tally.note(read.value);
      const recordCount = read.value.rowCount + read.value.rejectedCount;
      asked = pagination.next({ request: asked, headers: head.headers, envelope, recordCount, number });
    }
    return ok(undefined);
  }

  metadata(durationMs: number): SourceMetadata {
    return this.#tally.metadata(durationMs);
  }

  async #fetch(asked: PageRequest, number: number): Promise<Result<FetchedPage, SpineError>> {
    const { readFrom, saveTo } = this.#place;
    if (readFrom !== undefined) {
      const head = JSON.parse(await readFile(join(readFrom, `${number}.json`), "utf8")) as FetchedPage["head"];
      return ok({ bytes: await readFile(join(readFrom, `${number}.page`)), head: { ...head, url: new URL(head.url) } });
    }
    const { session, request } = this.#reading;
    const sink = memorySink();
    const body = asked.body === undefined ? undefined : JSON.stringify(asked.body);
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const head = await receiveBody(session, { ...request, url: asked.url, headers, body }, sink);
    if (head.isErr()) return err(head.error);
    const page: FetchedPage = { bytes: sink.bytes(), head: { headers: head.value.headers, url: head.value.url } };
    if (saveTo !== undefined) {
      await writeFile(join(saveTo, `${number}.page`), page.bytes);
      await writeFile(join(saveTo, `${number}.json`), JSON.stringify(page.head));
    }
    return ok(page);
  }

  /** A service that does not know the parameter it is asked with sends its first page for ever. */
  #repeats({ contentHash, rowCount }: SourceMetadata): boolean {
    return rowCount > 0 && this.#tally.last?.contentHash === contentHash;
  }
}

function memorySink(): BodySink & { bytes(): Buffer } {
  let chunks: Buffer[] = [];
  return {
    reset() {
      chunks = [];
      return Promise.resolve();
    },
    write(bytes) {
      chunks.push(Buffer.from(bytes));
      return Promise.resolve();
    },
    bytes: () => Buffer.concat(chunks),
  };
}

function keyOf({ url, body }: PageRequest): string {
  return bytesHash(Buffer.from(`${url.href}\n${body === undefined ? "" : JSON.stringify(body)}`));
}

function looped(subject: ProblemSubject, why: string): SourceError {
  const remedy = "Correct the pagination, or raise maxPages.";
  return new SourceError(`Could not read ${subject.locator}: ${why}. ${remedy}`, {
    code: "PAGINATION_LOOP",
    context: { ...subject, remedy },
  });
}
