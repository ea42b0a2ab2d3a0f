import type { JsonObject, ResultAsync, SpineError } from "@spine/core";
import { definePlugin } from "@spine/core";
import {
  type FileSource,
  fileSource,
  fixedWidth,
  ndjson,
  type Source,
  type SourceAccess,
  type SourceData,
  type TextRow,
} from "@spine/sources";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";

declare module "@spine/sources" {
  interface SourceRows {
    "prices.daily": { readonly symbol: string };
  }
}

test("rows of text are strings by column, once it is said that they are text", () => {
  const source = fileSource({ path: "a.csv", format: "delimited" });
  expectTypeOf(source).toEqualTypeOf<FileSource<Readonly<Record<string, string>>>>();
  expectTypeOf(source.fetch()).toEqualTypeOf<ResultAsync<SourceData<TextRow>, SpineError>>();
});

test("rows of a format that is to be found are of nobody-knows-what", () => {
  expectTypeOf(fileSource({ path: "a.csv" })).toEqualTypeOf<FileSource<Readonly<Record<string, unknown>>>>();
  expectTypeOf(fileSource({ path: "a.dat", delimiter: "|" })).toEqualTypeOf<FileSource>();
});

test("a format says what rows are", () => {
  expectTypeOf(fileSource({ path: "a", format: ndjson() })).toEqualTypeOf<FileSource<JsonObject>>();
  const fields = [{ name: "symbol", width: 4 }] as const;
  expectTypeOf(fileSource({ path: "a", format: fixedWidth({ fields }) })).toEqualTypeOf<
    FileSource<TextRow<"symbol">>
  >();
});

test("given columns are the only ones", () => {
  const source = fileSource({ path: "a.csv", columns: ["symbol", "price"] });
  expectTypeOf(source).toEqualTypeOf<FileSource<TextRow<"symbol" | "price">>>();
  // @ts-expect-error -- there is no such column
  void source.stream().forEachBatch(({ rows }) => void rows[0]?.prize);
});

test("a schema decides what rows are", () => {
  const schema = z.object({ shares: z.coerce.number() });
  expectTypeOf(fileSource({ path: "a.csv", schema })).toEqualTypeOf<FileSource<{ shares: number }>>();
});

test("a source of any row can be contributed by a plugin", () => {
  const typed = fileSource({ path: "a.csv", schema: z.object({ shares: z.coerce.number() }) });
  expectTypeOf(typed).toExtend<Source>();
  definePlugin({ name: "acme", sources: [typed, fileSource({ path: "b.csv" })] });
  // @ts-expect-error -- a path is no source
  definePlugin({ name: "acme", sources: ["a.csv"] });
});

test("a declared source has its rows, any other name unknown ones", () => {
  const access = {} as SourceAccess;
  expectTypeOf(access.get("prices.daily")._unsafeUnwrap()).toEqualTypeOf<Source<{ readonly symbol: string }>>();
  expectTypeOf(access.get("prices.weekly")._unsafeUnwrap()).toEqualTypeOf<Source>();
});

test("options that are none are compile errors", () => {
  expectTypeOf(fileSource).toBeCallableWith({ path: "a.csv", ragged: "pad" });
  // @ts-expect-error -- no such policy
  fileSource({ path: "a.csv", ragged: "skip" });
  // @ts-expect-error -- a source needs a path
  fileSource({ name: "a" });
});
