import { createHash } from "node:crypto";
import { basename } from "node:path";
import { err, type Instant, ok, type Result, type SpineError } from "@spine/core";
import type { ReadFindings } from "../formats/row-format.ts";
import type { ByteContent } from "./byte-content.ts";
import { decompress, detectCompression, withoutCompressionExtension } from "./compression.ts";
import { hashContent, isAborted, readAborted } from "./content-hash.ts";
import { type OpenedRows, openRows } from "./open-rows.ts";
import { importOptional } from "./optional-import.ts";
import { peek } from "./peek.ts";
import type { RowSettings } from "./row-options.ts";
import { spool } from "./spool.ts";
import type { ZipMember } from "./unzip.ts";

type Chunks = AsyncGenerator<Result<Uint8Array, SpineError>, void, undefined>;

export interface ContentReading {
  readonly settings: RowSettings;
  /** What its extensions are looked up in. @defaultValue the end of the locator */
  readonly fileName?: string | undefined;
  readonly publishedAt?: Instant | undefined;
  /** What the findings said beside rows, once they are complete. */
  readonly onFindings?: (findings: ReadFindings) => void;
}

export interface OpenedContent {
  readonly rows: OpenedRows;
  readonly rowOptions: { readonly locator: string; readonly fileName: string };
  readonly chunks: Chunks;
  /** The unpacked bytes, for formats that are not read in order. */
  readonly content: Pick<ByteContent, "sizeBytes" | "slice">;
}

/** First bytes that decide compression and format. */
const headBytes = 4096;

const zipMark = [0x50, 0x4b, 0x03, 0x04];

/** Finds out how content is packed, unpacks it, and hashes its raw bytes meanwhile. */
export class Unpacking {
  readonly #content: ByteContent;
  readonly #reading: ContentReading;
  readonly #signal: AbortSignal | undefined;
  readonly #hash = createHash("sha256");
  #hashed: string | undefined;
  #compression: string | undefined;
  #spooled: ByteContent | undefined;

  constructor(content: ByteContent, reading: ContentReading, signal: AbortSignal | undefined) {
    this.#content = content;
    this.#reading = reading;
    this.#signal = signal;
  }

  get compression(): string | undefined {
    return this.#compression;
  }

  async open(onBytes: ((bytes: Uint8Array) => Promise<void>) | undefined): Promise<Result<OpenedContent, SpineError>> {
    const { settings } = this.#reading;
    const { subject } = this.#content;
    let fileName = this.#reading.fileName ?? basename(subject.locator);
    const raw = await peek(this.#rawChunks(onBytes), headBytes);
    let chunks = raw.all;
    let { head } = raw;
    if (zipMark.every((byte, index) => head[index] === byte)) {
      await drain(chunks);
      const member = await this.#openMember();
      if (member.isErr()) return err(member.error);
      this.#compression = "zip";
      fileName = basename(member.value.name);
      ({ head, all: chunks } = await peek(member.value.chunks(), headBytes));
    } else {
      const compression = detectCompression(head, fileName);
      if (compression !== undefined) {
        this.#compression = compression;
        fileName = withoutCompressionExtension(fileName);
        const { limits } = settings;
        ({ head, all: chunks } = await peek(decompress(chunks, { compression, limits, subject }), headBytes));
      }
    }
    const rowOptions = { locator: subject.locator, fileName };
    const rows = await openRows(head, settings, rowOptions);
    if (rows.isErr()) {
      await chunks.return();
      return err(rows.error);
    }
    if (!("push" in rows.value.reader)) return this.#openParts(chunks, head, fileName);
    return ok({ rows: rows.value, rowOptions, chunks, content: this.#content });
  }

  async hash(): Promise<Result<string, SpineError>> {
    if (this.#hashed !== undefined) return ok(this.#hashed);
    // A reader may stop before the end, as those of an archive do behind its last member.
    return hashContent(this.#content, this.#signal);
  }

  async close(): Promise<void> {
    await this.#spooled?.close();
  }

  /** The raw bytes, hashed as they pass. */
  async *#rawChunks(onBytes: ((bytes: Uint8Array) => Promise<void>) | undefined): Chunks {
    for await (const chunk of this.#content.chunks()) {
      if (isAborted(this.#signal)) {
        yield err(readAborted(this.#content.subject, this.#signal));
        return;
      }
      if (chunk.isOk()) {
        this.#hash.update(chunk.value);
        await onBytes?.(chunk.value);
      }
      yield chunk;
      if (chunk.isErr()) return;
    }
    this.#hashed = this.#hash.digest("hex");
  }

  async #openMember(): Promise<Result<ZipMember, SpineError>> {
    const unzip = await importOptional(() => import("./unzip.ts"), {
      what: "Reading a zip archive",
      packages: ["yauzl"],
    });
    if (unzip.isErr()) return err(unzip.error);
    const { member, limits } = this.#reading.settings;
    return unzip.value.openZipMember(this.#content, { wanted: member, limits });
  }

  /** Packed bytes are unpacked into a temporary file first. */
  async #openParts(chunks: Chunks, head: Uint8Array, fileName: string): Promise<Result<OpenedContent, SpineError>> {
    const { subject } = this.#content;
    const rowOptions = { locator: subject.locator, fileName };
    const rows = await openRows(head, this.#reading.settings, rowOptions);
    if (rows.isErr()) return err(rows.error);
    if (this.#compression === undefined) {
      const drained = await drain(chunks);
      if (drained.isErr()) return err(drained.error);
      return ok({ rows: rows.value, rowOptions, chunks, content: this.#content });
    }
    const spooled = await spool(chunks, subject);
    if (spooled.isErr()) return err(spooled.error);
    this.#spooled = spooled.value;
    return ok({ rows: rows.value, rowOptions, chunks, content: spooled.value });
  }
}

async function drain(chunks: Chunks): Promise<Result<void, SpineError>> {
  for await (const chunk of chunks) if (chunk.isErr()) return err(chunk.error);
  return ok(undefined);
}
