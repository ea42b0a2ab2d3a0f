import { createHash } from "node:crypto";
import type { Instant } from "@spine/core";
import type { SourceMetadata, SourcePart, SourceWarning } from "../source-metadata.ts";
import type { ProblemSubject } from "../text/read-problem.ts";

/** Warnings that are kept: of a thousand parts each may have the same. */
const maxWarnings = 50;

/** Sums up a reading of several contents: pages, files of a folder. */
export class PartsTally {
  readonly #subject: ProblemSubject;
  readonly #parts: SourcePart[] = [];
  readonly #warnings: SourceWarning[] = [];
  #first: SourceMetadata | undefined;
  #modifiedAt: Instant | undefined;
  #publishedAt: Instant | undefined;

  constructor(subject: ProblemSubject, warnings: readonly SourceWarning[] = []) {
    this.#subject = subject;
    this.#warnings.push(...warnings);
  }

  /** The part that was noted last. */
  get last(): SourcePart | undefined {
    return this.#parts.at(-1);
  }

  note(part: SourceMetadata): void {
    const { locator, contentHash, sizeBytes, rowCount, rejectedCount, modifiedAt, publishedAt } = part;
    this.#first ??= part;
    this.#parts.push(Object.freeze({ locator, contentHash, sizeBytes, rowCount, rejectedCount }));
    this.#modifiedAt = latest(this.#modifiedAt, modifiedAt);
    this.#publishedAt = latest(this.#publishedAt, publishedAt);
    for (const warning of part.warnings) if (this.#warnings.length < maxWarnings) this.#warnings.push(warning);
  }

  metadata(durationMs: number): SourceMetadata {
    const sum = (of: (part: SourcePart) => number): number => this.#parts.reduce((total, part) => total + of(part), 0);
    const first = this.#first;
    return Object.freeze({
      ...this.#subject,
      contentHash: hashOfParts(this.#parts.map(({ contentHash }) => contentHash)),
      sizeBytes: sum(({ sizeBytes }) => sizeBytes),
      rowCount: sum(({ rowCount }) => rowCount),
      rejectedCount: sum(({ rejectedCount }) => rejectedCount),
      modifiedAt: this.#modifiedAt,
      publishedAt: this.#publishedAt,
      format: first?.format,
      compression: first?.compression,
      encoding: first?.encoding,
      dialect: first?.dialect,
      columns: first?.columns ?? [],
      trailer: first?.trailer ?? [],
      durationMs,
      unchanged: false,
      warnings: Object.freeze([...this.#warnings]),
      parts: Object.freeze([...this.#parts]),
    });
  }
}

/** The hash of a content of several parts: sha256 over the lines of their hashes. */
export function hashOfParts(hashes: readonly string[]): string {
  const hash = createHash("sha256");
  for (const contentHash of hashes) hash.update(`${contentHash}\n`);
  return hash.digest("hex");
}

/** A reading of parts that turned out to be what was read before. */
export function asUnchanged(metadata: SourceMetadata): SourceMetadata {
  return Object.freeze({ ...metadata, rowCount: 0, rejectedCount: 0, format: undefined, unchanged: true });
}

function latest(one: Instant | undefined, other: Instant | undefined): Instant | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
