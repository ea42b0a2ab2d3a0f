import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileSource } from "@spine/sources";
import { expectErr } from "@spine/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { tempFiles } from "./support/temp-file.ts";

const write = tempFiles();

describe("a file that cannot be read", () => {
  test("may be missing, and the nearest name is suggested", async () => {
    const path = join(dirname(write("otc_20251215.csv", "a,b\n")), "otc_20251216.csv");
    const error = await expectErr(fileSource({ name: "otc", path }).fetch(), "SOURCE_NOT_FOUND");
    expect(error.message).toBe(`Could not read ${path}: there is no such file. Did you mean "otc_20251215.csv"?`);
    expect(error.context).toMatchObject({ sourceName: "otc", sourceType: "file", locator: path });
    expect(error.name).toBe("SourceNotFoundError");
    await expectErr(fileSource({ path }).hasChanged({}), "SOURCE_NOT_FOUND");
  });

  test("may be missing together with its folder", async () => {
    const error = await expectErr(fileSource({ path: "/no/such/folder/a.csv" }).fetch(), "SOURCE_NOT_FOUND");
    expect(error.message).toContain("Check the path.");
  });

  test("may be a directory", async () => {
    const path = dirname(write("a.csv", ""));
    const error = await expectErr(fileSource({ path }).fetch(), "SOURCE_ERROR");
    expect(error.message).toBe(`Could not read ${path}: it is a directory. Pass the path of a file in it.`);
  });

  test("may be a pipe, which is not waited for", async () => {
    const path = `${write("a.csv", "")}.pipe`;
    execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
    const error = await expectErr(fileSource({ path }).fetch(), "SOURCE_ERROR");
    expect(error.message).toContain("it is not a regular file");
  });

  test("may be closed to this user", async () => {
    const folder = dirname(write("a.csv", "a,b\n"));
    const path = join(folder, "a.csv");
    chmodSync(path, 0);
    actAsNobody(folder);
    const error = await expectErr(fileSource({ path }).fetch(), "FILE_ACCESS_DENIED");
    expect(error.message).toContain("this user may not open it. Check the permissions");
  });
});

describe("a file that changes while it is read", () => {
  const rows = "1,2\n".repeat(400_000);

  test.each([
    ["grows", (path: string) => appendFileSync(path, "3,4\n")],
    ["shrinks", (path: string) => truncateSync(path, 900_001)],
  ])("and %s is not taken for good, and the failure may be tried again", async (_how, change) => {
    const path = write("a.csv", `a,b\n${rows}`);
    let changed = false;
    const read = fileSource({ path })
      .stream()
      .forEachBatch(() => {
        if (!changed) change(path);
        changed = true;
      });
    const error = await expectErr(read, "SOURCE_UNAVAILABLE");
    expect(error.message).toContain("it changed while it was read");
    expect(error.retryable).toBe(true);
  });

  test("by being replaced under its name is read as it was", async () => {
    const path = write("a.csv", `a,b\n${rows}`);
    let first = true;
    const read = await fileSource({ path })
      .stream()
      .forEachBatch(() => {
        if (first) execFileSync("sh", ["-c", `echo a,b > "$0.new" && mv "$0.new" "$0"`, path]);
        first = false;
      });
    expect(read._unsafeUnwrap().rowCount).toBe(400_000);
  });
});

/** Root may open everything, so it gives that up for the test. */
function actAsNobody(folder: string): void {
  if (process.geteuid?.() !== 0) return;
  mkdirSync(folder, { recursive: true });
  for (const parent of [dirname(folder), folder]) chmodSync(parent, 0o755);
  process.seteuid?.(65_534);
  onTestFinished(() => process.seteuid?.(0));
}
