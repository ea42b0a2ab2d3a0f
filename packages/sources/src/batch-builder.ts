import type { SourceBatch, SourceReject } from "./source.ts";

/** Text a batch may hold before it is handed out short of its size, in characters: 1,000 long rows must not fill the memory. */
const maxBatchLength = 4 * 1024 * 1024;

/** Gathers rows and rejects into batches of a size. */
export class BatchBuilder<Row> {
  readonly #batchSize: number;
  #rows: Row[] = [];
  #lineNumbers: number[] = [];
  #rejects: SourceReject[] = [];
  #length = 0;
  #full: SourceBatch<Row>[] = [];

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  /** @param length characters of the record's text */
  add(row: Row, lineNumber: number, length: number): void {
    this.#rows.push(row);
    this.#lineNumbers.push(lineNumber);
    this.#grow(length);
  }

  reject(reject: SourceReject, length: number): void {
    this.#rejects.push(reject);
    this.#grow(length);
  }

  /** The batches that have become full since the last call. */
  takeFull(): readonly SourceBatch<Row>[] {
    if (this.#full.length === 0) return [];
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** {@link takeFull} and what has gathered since. */
  takeAll(): readonly SourceBatch<Row>[] {
    if (this.#rows.length + this.#rejects.length > 0) this.#close();
    return this.takeFull();
  }

  #grow(length: number): void {
    this.#length += length;
    const count = this.#rows.length + this.#rejects.length;
    if (count >= this.#batchSize || this.#length >= maxBatchLength) this.#close();
  }

  #close(): void {
    this.#full.push({ rows: this.#rows, lineNumbers: this.#lineNumbers, rejects: this.#rejects });
    this.#rows = [];
    this.#lineNumbers = [];
    this.#rejects = [];
    this.#length = 0;
  }
}
