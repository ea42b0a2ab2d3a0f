import type { Result, ResultAsync, SpineError } from "@spine/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectErr, expectOk } from "../expect-result.ts";

interface TestedBatch {
  readonly rows: readonly unknown[];
  readonly lineNumbers: readonly number[];
  readonly rejects: readonly unknown[];
}

interface TestedMetadata {
  readonly contentHash: string;
  readonly rowCount: number;
  readonly rejectedCount: number;
  readonly unchanged: boolean;
}

interface TestedOptions {
  readonly signal?: AbortSignal;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly previous?: { readonly contentHash?: string | undefined };
}

/** What a `Source` of `@spine/sources` is, as far as the suite looks at it. */
export interface TestedSource {
  readonly name: string;
  fetch(options?: TestedOptions): ResultAsync<TestedBatch & { readonly metadata: TestedMetadata }, SpineError>;
  stream(
    options?: TestedOptions,
  ): AsyncIterable<Result<TestedBatch, SpineError>> & { summary(): Result<TestedMetadata, SpineError> };
  describe(): unknown;
  hasChanged(previous: TestedMetadata, options?: TestedOptions): ResultAsync<boolean, SpineError>;
}

/** A source over data that is nobody else's. */
export interface SourceCase {
  readonly source: TestedSource;
  /** Passed with each reading. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Makes the content another one, with at least one row. */
  change(): unknown;
  /** Takes the content away, so that it cannot be read. */
  breakOff(): unknown;
  /** Removes what was made. */
  readonly close?: () => unknown;
}

export interface SourceSubject {
  /** Called for each test. */
  readonly open: () => SourceCase | PromiseLike<SourceCase>;
  /** What it has: at least three rows, in two batches or more. */
  readonly rows: readonly unknown[];
}

/**
 * The suite that every source must pass: what readers rely on, as tests through the contract. Call it at the top of a vitest file.
 * @example
 * describeSource("acme.trades", { open: () => openTrades(), rows: [{ id: 1 }, { id: 2 }, { id: 3 }] });
 */
export function describeSource(name: string, { open, rows }: SourceSubject): void {
  async function opened(): Promise<SourceCase & { readonly options: TestedOptions }> {
    const found = await open();
    onTestFinished(async () => void (await found.close?.()));
    return { ...found, options: found.params === undefined ? {} : { params: found.params } };
  }

  describe(`source ${name}`, () => {
    test("gives the same rows at once and in batches, each with a line, and counts all of them", async () => {
      const { source, options } = await opened();
      const fetched = await expectOk(source.fetch(options));
      expect(fetched.rows).toEqual(rows);
      expect(fetched.lineNumbers).toHaveLength(rows.length);
      expect(fetched.metadata).toMatchObject({ rowCount: rows.length, rejectedCount: fetched.rejects.length });
      const stream = source.stream(options);
      const streamed: unknown[] = [];
      let batches = 0;
      for await (const item of stream) {
        const batch = await expectOk(item);
        expect(batch.rows.length + batch.rejects.length).toBeGreaterThan(0);
        expect(batch.lineNumbers).toHaveLength(batch.rows.length);
        streamed.push(...batch.rows);
        batches += 1;
      }
      expect(streamed).toEqual(rows);
      expect(batches).toBeGreaterThan(1);
      expect((await expectOk(stream.summary())).contentHash).toBe(fetched.metadata.contentHash);
    });

    test("says what it read as frozen JSON, with a sha256", async () => {
      const { source, options } = await opened();
      const { metadata } = await expectOk(source.fetch(options));
      expect(metadata.contentHash).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.isFrozen(metadata)).toBe(true);
      expect(JSON.parse(JSON.stringify(metadata))).toMatchObject({ contentHash: metadata.contentHash });
      expect(JSON.parse(JSON.stringify(source.describe()))).toMatchObject({ name: source.name });
    });

    test("can be read again and again, a stream of it once", async () => {
      const { source, options } = await opened();
      const stream = source.stream(options);
      await expectErr(stream.summary(), "SOURCE_ERROR");
      for await (const item of stream) await expectOk(item);
      for await (const item of stream) await expectErr(item, "SOURCE_ERROR");
      expect((await expectOk(source.fetch(options))).rows).toEqual(rows);
    });

    test("is unchanged while its content is the same, and then gives no row", async () => {
      const { source, options } = await opened();
      const { metadata } = await expectOk(source.fetch(options));
      expect(await expectOk(source.hasChanged(metadata, options))).toBe(false);
      const again = await expectOk(source.fetch({ ...options, previous: metadata }));
      expect(again.rows).toEqual([]);
      expect(again.metadata).toMatchObject({ unchanged: true, rowCount: 0, contentHash: metadata.contentHash });
    });

    test("gives all its rows again when its content is another one", async () => {
      const { source, options, change } = await opened();
      const { metadata } = await expectOk(source.fetch(options));
      await change();
      expect(await expectOk(source.hasChanged(metadata, options))).toBe(true);
      const changed = await expectOk(source.fetch({ ...options, previous: metadata }));
      expect(changed.rows.length).toBeGreaterThan(0);
      expect(changed.metadata.unchanged).toBe(false);
      expect(changed.metadata.contentHash).not.toBe(metadata.contentHash);
    });

    test("ends when its reader leaves, and can be read by the next one", async () => {
      const { source, options } = await opened();
      const stream = source.stream(options);
      for await (const item of stream) {
        await expectOk(item);
        break;
      }
      await expectErr(stream.summary(), "CANCELLED");
      expect((await expectOk(source.fetch(options))).rows).toEqual(rows);
    });

    test("ends when its reader aborts, before the first row or behind it", async () => {
      const { source, options } = await opened();
      await expectErr(source.fetch({ ...options, signal: AbortSignal.abort() }), "CANCELLED");
      const reader = new AbortController();
      let last: Result<TestedBatch, SpineError> | undefined;
      for await (const item of source.stream({ ...options, signal: reader.signal })) {
        last = item;
        reader.abort();
      }
      expect(last?.isErr() ? last.error.code : "no error").toBe("CANCELLED");
    });

    test("returns a failure, and throws none", async () => {
      const { source, options, breakOff } = await opened();
      const { metadata } = await expectOk(source.fetch(options));
      await breakOff();
      const failed = await source.fetch(options);
      expect(failed.isErr()).toBe(true);
      expect((await source.hasChanged(metadata, options)).isErr()).toBe(true);
      let last: Result<TestedBatch, SpineError> | undefined;
      const stream = source.stream(options);
      for await (const item of stream) last = item;
      expect(last?.isErr()).toBe(true);
      expect(stream.summary().isErr()).toBe(true);
    });
  });
}
