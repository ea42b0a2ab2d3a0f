import {
  ConfigError,
  err,
  ok,
  type ResultAsync,
  resultAsync,
  type Result,
  type Schema,
  type SpineError,
  systemClock,
} from "@spine/core";
import { readReplay } from "../archive/read-replay.ts";
import { asUnchanged, hashOfParts, PartsTally } from "../content/parts-tally.ts";
import { hashContent, isAborted, readAborted } from "../content/content-hash.ts";
import { describeRowSettings, resolveRowOptions, type RowOptions } from "../content/row-options.ts";
import { defineSource } from "../define-source.ts";
import type { TextRow } from "../delimited/row-factory.ts";
import type { RowFormat } from "../formats/row-format.ts";
import type { ReadOptions, Source, SourceDescription } from "../source.ts";
import type { SourceVersion, SourceWarning } from "../source-metadata.ts";
import type { BatchReader } from "../source-stream.ts";
import type { FileLocationOptions } from "./file-location.ts";
import { type DelimitedChoice, type FileSource, fileSource, type SchemaRow } from "./file-source.ts";
import { type FileOrder, findFiles, type FoundFile, type FoundFiles } from "./find-files.ts";
import { openFile } from "./open-file.ts";

export interface FolderSourceOptions<
  Column extends string = string,
  RowSchema extends Schema | undefined = Schema | undefined,
>
  extends RowOptions<Column, RowSchema>, Pick<FileLocationOptions, "publishedAt"> {
  /** Words joined by `.` or `/`: `finra.otc.arrivals`. @defaultValue "folder" */
  readonly name?: string;
  readonly domain?: string;
  /** Where files arrive. */
  readonly readFrom: string;
  /** Which of them, as a glob: `otc_*.csv`; folders in the folder by two stars and a slash. @defaultValue "*" */
  readonly files?: string;
  /** @defaultValue "name" */
  readonly order?: FileOrder;
  /**
   * How long nobody may have written to a file before it counts as whole; a younger one is left for the next time, with a warning
   * `FILES_UNSETTLED`. Names such as `x.csv.part`, `.x.csv` and `~x.csv` are passed over. @defaultValue 5,000
   */
  readonly settleMs?: number;
}

/** A file of a folder, to be read by itself. */
export interface Arrival<Row> extends FoundFile {
  readonly source: FileSource<Row>;
}

export interface FolderSource<Row = TextRow> extends Source<Row> {
  readonly type: "file";
  /** The files one by one, in order: for a capture of each. */
  arrivals(options?: Pick<ReadOptions, "clock">): ResultAsync<readonly Arrival<Row>[], SpineError>;
}

/**
 * The files of a folder in their order, as one source: `metadata.parts` has each of them, the content's hash is over their hashes. For one
 * capture a file see {@link FolderSource.arrivals}. A file that goes away, or is written to, while it is read fails the reading
 * (`SOURCE_NOT_FOUND`, `SOURCE_UNAVAILABLE`); a folder without files is a source without rows.
 * @example
 * const incoming = folderSource({ name: "finra.otc.arrivals", readFrom: "in", files: "finra_otc_*.csv", schema: weeklyRow });
 * for (const { path, source } of await orThrow(incoming.arrivals())) await ingest(path, source);
 */
export function folderSource<const Column extends string = string, RowSchema extends Schema | undefined = undefined>(
  options: FolderSourceOptions<Column, RowSchema> & DelimitedChoice<Column>,
): FolderSource<SchemaRow<RowSchema, TextRow<Column>>>;
export function folderSource<Row, RowSchema extends Schema | undefined = undefined>(
  options: FolderSourceOptions<string, RowSchema> & { readonly format: RowFormat<Row> },
): FolderSource<SchemaRow<RowSchema, Row>>;
export function folderSource<RowSchema extends Schema | undefined = undefined>(
  options: FolderSourceOptions<string, RowSchema>,
): FolderSource<SchemaRow<RowSchema, Readonly<Record<string, unknown>>>>;
export function folderSource(options: FolderSourceOptions): FolderSource<unknown> {
  const { name = "folder", domain, readFrom, files: pattern = "*", order = "name", settleMs = 5000 } = options;
  const settings = resolveRowOptions(options);
  if (!(settleMs >= 0)) throw new ConfigError(`settleMs is ${settleMs}, not 0 or more. Correct the option.`);
  const subject = { sourceName: name, sourceType: "file", locator: readFrom };
  const description: SourceDescription = Object.freeze({
    name,
    domain,
    type: "file",
    locator: readFrom,
    options: Object.freeze({ ...describeRowSettings(settings), files: pattern, settleMs }),
  });
  const { readFrom: _readFrom, files: _files, order: _order, settleMs: _settleMs, ...fileOptions } = options;
  const sourceOf = ({ path }: FoundFile): FileSource<unknown> => fileSource({ ...fileOptions, name, path });

  const find = ({ clock = systemClock }: ReadOptions): Promise<Result<FoundFiles, SpineError>> =>
    findFiles({ folder: readFrom, pattern, order, settleMs, nowMs: clock.nowMs() });

  async function* read(readOptions: ReadOptions): BatchReader<unknown> {
    const { clock = systemClock, previous, replay, signal, ...others } = readOptions;
    if (replay !== undefined) return yield* readReplay(replay, { settings, subject }, readOptions);
    const startedMs = clock.monotonicMs();
    const found = await find(readOptions);
    if (found.isErr()) return err(found.error);
    const tally = new PartsTally(subject, unsettledWarnings(found.value.unsettled));
    if (previous?.contentHash !== undefined) {
      const hash = await hashFiles(found.value.files, signal);
      if (hash.isErr()) return err(hash.error);
      if (hash.value === previous.contentHash) {
        const metadata = tally.metadata(clock.monotonicMs() - startedMs);
        return ok(asUnchanged({ ...metadata, ...previous, contentHash: hash.value } as typeof metadata));
      }
    }
    for (const file of found.value.files) {
      const stream = sourceOf(file).stream({ clock, ...others, ...(signal === undefined ? {} : { signal }) });
      for await (const batch of stream) {
        if (batch.isErr()) return err(batch.error);
        yield batch.value;
      }
      const part = stream.summary();
      if (part.isErr()) return err(part.error);
      tally.note(part.value);
    }
    return ok(tally.metadata(clock.monotonicMs() - startedMs));
  }

  async function hashFiles(
    files: readonly FoundFile[],
    signal: AbortSignal | undefined,
  ): Promise<Result<string, SpineError>> {
    const hashes: string[] = [];
    for (const { path } of files) {
      if (isAborted(signal)) return err(readAborted(subject, signal));
      const file = await openFile({ ...subject, locator: path });
      if (file.isErr()) return err(file.error);
      const hash = await hashContent(file.value, signal);
      await file.value.close();
      if (hash.isErr()) return err(hash.error);
      hashes.push(hash.value);
    }
    return ok(hashOfParts(hashes));
  }

  async function hasChanged(previous: SourceVersion, readOptions: ReadOptions): Promise<Result<boolean, SpineError>> {
    const found = await find(readOptions);
    if (found.isErr()) return err(found.error);
    return (await hashFiles(found.value.files, readOptions.signal)).map((hash) => hash !== previous.contentHash);
  }

  const source = defineSource({
    name,
    domain,
    type: "file",
    describe: () => description,
    read,
    hasChanged: (previous, readOptions) => resultAsync(() => hasChanged(previous, readOptions)),
  });
  return Object.freeze({
    ...source,
    type: "file" as const,
    arrivals: (readOptions: Pick<ReadOptions, "clock"> = {}) =>
      resultAsync(async () =>
        (await find(readOptions)).map(({ files }) =>
          Object.freeze(files.map((file) => Object.freeze({ ...file, source: sourceOf(file) }))),
        ),
      ),
  });
}

function unsettledWarnings(paths: readonly string[]): readonly SourceWarning[] {
  if (paths.length === 0) return [];
  const message = `Somebody may still be writing: ${paths.slice(0, 8).join(", ")}${paths.length > 8 ? ", …" : ""}.`;
  return [{ code: "FILES_UNSETTLED", message }];
}
