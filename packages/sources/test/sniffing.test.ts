import { fileSource } from "@spine/sources";
import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, test } from "vitest";
import { tempFiles } from "./support/temp-file.ts";

const write = tempFiles();

async function dialectOf(name: string, content: string): Promise<{ delimiter?: string; warnings: readonly string[] }> {
  const { metadata } = await expectOk(fileSource({ path: write(name, content) }).fetch());
  return {
    ...(metadata.dialect === undefined ? {} : { delimiter: metadata.dialect.delimiter }),
    warnings: metadata.warnings.map(({ code }) => code),
  };
}

describe("the delimiter", () => {
  test.each([
    ["prices.csv", "a,b\n1,2\n", ","],
    ["prices.psv", "a|b\n1|2\n", "|"],
    ["prices.tsv", "a\tb\n1\t2\n", "\t"],
    ["prices.txt", "a;b\n1;2\n", ";"],
    ["prices", "a|b\n1,5|2,5\n", "|"],
    ["decimal-commas.txt", "a;b;c\n1,5;2,5;x\n3,5;4,5;y\n", ";"],
  ])("is found in the content of %s", async (name, content, delimiter) => {
    expect(await dialectOf(name, content)).toEqual({ delimiter, warnings: [] });
  });

  test("is what the content says when the name says something else, with a warning", async () => {
    expect(await dialectOf("lying.csv", "a|b\nx, y|2\nz|3\n")).toEqual({
      delimiter: "|",
      warnings: ["DELIMITER_NOT_AS_EXTENSION"],
    });
  });

  test("is looked for outside quotes", async () => {
    expect(await dialectOf("quoted.txt", 'a,"b|c"\n1,"2|3"\n"4|5|6",7\n')).toMatchObject({ delimiter: "," });
  });

  test("is found in spite of a few rows that do not fit", async () => {
    const content = `a|b|c\n${"1|2|3\n".repeat(50)}Records: 50, all fine\n`;
    const source = fileSource({ path: write("trailer.txt", content), trailer: "Records" });
    expect((await expectOk(source.fetch())).metadata).toMatchObject({ dialect: { delimiter: "|" }, rowCount: 50 });
  });

  test("is what the name says between two that fit equally", async () => {
    expect(await dialectOf("both.psv", "a,b|c,d\n1,2|3,4\n")).toEqual({ delimiter: "|", warnings: [] });
    expect(await dialectOf("both.csv", "a,b|c,d\n1,2|3,4\n")).toEqual({ delimiter: ",", warnings: [] });
  });

  test("is ambiguous between two that fit equally when the name says nothing", async () => {
    const path = write("both.txt", "a,b|c,d\n1,2|3,4\n");
    const error = await expectErr(fileSource({ path }).fetch(), "DELIMITER_AMBIGUOUS");
    expect(error.message).toContain('"," and "|" divide its lines equally well');
    expect((await expectOk(fileSource({ path, delimiter: "|" }).fetch())).rows).toEqual([
      { "a,b": "1,2", "c,d": "3,4" },
    ]);
  });

  test("is ambiguous when two fit equally up to where the sample is cut", async () => {
    // The 64 KiB end behind `1,2|`, which is whole with bars only.
    const path = write("both.txt", `a,b|c,ddddd\n${"1,2|3,4\n".repeat(20_000)}`);
    const error = await expectErr(fileSource({ path }).fetch(), "DELIMITER_AMBIGUOUS");
    expect(error.context).toMatchObject({ line: 1, byteOffset: 0 });
  });

  test.each([
    "Dear all\nplease find, as agreed, the file; thanks\n",
    "Dear all, and dear Jane\nplease find\nas agreed\nthe file\n",
  ])("is ambiguous when no reading makes a table and the name says nothing: %j", async (prose) => {
    const path = write("prose.txt", prose);
    const error = await expectErr(fileSource({ path }).fetch(), "DELIMITER_AMBIGUOUS");
    expect(error.message).toContain("no delimiter divides its lines into equal numbers of fields");
  });

  test("does not matter where none occurs: one column", async () => {
    const { rows } = await expectOk(fileSource({ path: write("symbols.txt", "symbol\nAAPL\nMSFT\n") }).fetch());
    expect(rows).toEqual([{ symbol: "AAPL" }, { symbol: "MSFT" }]);
  });

  test("is decided by the first 64 KiB", async () => {
    const content = `a|b\n${"1|2\n".repeat(20_000)}${"1,2,3|4\n".repeat(40_000)}`;
    expect(await dialectOf("long.txt", content)).toEqual({ delimiter: "|", warnings: [] });
  });

  test("that is given is taken without a look", async () => {
    const source = fileSource({ path: write("given.csv", "a|b,c\n1|2,3\n"), delimiter: "," });
    const { rows, metadata } = await expectOk(source.fetch());
    expect(rows).toEqual([{ "a|b": "1|2", c: "3" }]);
    expect(metadata.warnings).toEqual([]);
  });
});
