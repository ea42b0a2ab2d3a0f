import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { httpSource, type HttpSourceOptions } from "@spine/sources/http";
import { bytesHash } from "@spine/core";
import { expectErr, expectOk, type HostileServer, httpAnswers, openHostileServer } from "@spine/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hastyClock } from "./support/hasty-clock.ts";
import { tempFolder } from "./support/temp-file.ts";

const text = `a,b\n${Array.from({ length: 20_000 }, (_, row) => `${row},x\n`).join("")}`;
const folder = tempFolder();
let server: HostileServer;

beforeAll(async () => {
  server = await openHostileServer();
});
afterAll(() => server.close());

/** A source of a path that no other test asks for. */
let paths = 0;
function at(
  answers: Parameters<HostileServer["answer"]> extends [string, ...infer Answers] ? Answers : never,
  options: Partial<HttpSourceOptions> = {},
) {
  paths += 1;
  const path = `/${paths}.csv`;
  server.answer(path, ...answers);
  const source = httpSource({ name: "torture", url: `${server.origin}${path}`, random: () => 0.5, ...options });
  const asked = () => server.requests.filter((request) => request.path === path);
  return { source, path, asked };
}

/** What is left in the folder that downloads go to. */
const leftovers = (): readonly string[] => readdirSync(folder);

describe("a server that asks to wait", () => {
  test.each([
    ["in seconds", 429, "7", 7000],
    ["by a date", 429, "Sat, 20 Dec 2025 00:00:09 GMT", 9000],
    ["with 503", 503, "3", 3000],
  ])("is waited for: %s", async (_form, status, retryAfter, waitMs) => {
    const clock = hastyClock();
    const { source } = at([httpAnswers.status(status, { "retry-after": retryAfter }), httpAnswers.content(text)]);
    const { rows } = await expectOk(source.fetch({ clock }));
    expect(rows).toHaveLength(20_000);
    expect(clock.waits).toEqual([waitMs]);
  });

  test("for longer than the limit is not slept for: the error says for how long", async () => {
    const clock = hastyClock();
    const { source, asked } = at([httpAnswers.status(429, { "retry-after": "3600" })]);
    const error = await expectErr(source.fetch({ clock }), "RATE_LIMITED");
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 3_600_000 });
    expect(asked()).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  test("without a word gets waits that double, with jitter, and gives up at the limit of tries", async () => {
    const clock = hastyClock();
    const { source, asked } = at([httpAnswers.status(503, {}, "down for the night")], { retry: { maxAttempts: 4 } });
    const error = await expectErr(source.fetch({ clock }), "HTTP_SERVER_ERROR");
    expect(error.message).toContain("the server answered 503. It says: down for the night");
    expect(clock.waits).toEqual([250, 500, 1000]);
    expect(asked()).toHaveLength(4);
  });

  test.each([
    [404, "SOURCE_NOT_FOUND"],
    [410, "SOURCE_NOT_FOUND"],
    [401, "AUTHENTICATION_FAILED"],
    [403, "AUTHORIZATION_FAILED"],
    [400, "HTTP_CLIENT_ERROR"],
    [501, "HTTP_CLIENT_ERROR"],
  ] as const)("is not asked again when it says %i", async (status, code) => {
    const { source, asked } = at([httpAnswers.status(status)]);
    await expectErr(source.fetch({ clock: hastyClock() }), code);
    expect(asked()).toHaveLength(1);
  });
});

describe("a body that does not come whole", () => {
  test("goes on where it was cut when the server knows ranges", async () => {
    const { source, asked } = at([httpAnswers.resumable(text, { atByte: 60_000, etag: '"v1"' })]);
    const { rows, metadata } = await expectOk(source.fetch({ clock: hastyClock() }));
    expect(rows).toHaveLength(20_000);
    expect(metadata.contentHash).toBe(bytesHash(Buffer.from(text)));
    expect(asked().map(({ headers }) => headers["range"])).toEqual([undefined, "bytes=60000-"]);
  });

  test("comes again from its beginning when the server does not", async () => {
    const { source, asked } = at([httpAnswers.cut(text, 60_000), httpAnswers.content(text)]);
    const { metadata } = await expectOk(source.fetch({ clock: hastyClock() }));
    expect(metadata).toMatchObject({ contentHash: bytesHash(Buffer.from(text)), rowCount: 20_000 });
    expect(asked()[1]?.headers["range"]).toBeUndefined();
  });

  test("comes again from its beginning when it became another one meanwhile", async () => {
    const other = text.replaceAll("x", "y");
    const { source } = at([
      httpAnswers.cut(text, 60_000, { etag: '"v1"', "accept-ranges": "bytes" }),
      httpAnswers.content(other, { etag: '"v2"' }),
    ]);
    const { rows, metadata } = await expectOk(source.fetch({ clock: hastyClock() }));
    expect(metadata).toMatchObject({ contentHash: bytesHash(Buffer.from(other)), etag: '"v2"' });
    expect(rows[0]).toEqual({ a: "0", b: "y" });
  });

  test.each([
    ["cut", httpAnswers.cut(text, 60_000)],
    ["cut between chunks", httpAnswers.cutChunks(text, 60_000)],
    ["shorter than it says", httpAnswers.wrongLength(text, text.length + 10)],
  ])("every time fails, and nobody sees half of it: %s", async (_how, answer) => {
    const { source, asked } = at([answer], { downloadTo: join(folder, "half.csv"), retry: { maxAttempts: 2 } });
    const batches: unknown[] = [];
    const error = await expectErr(
      source.stream({ clock: hastyClock() }).forEachBatch((batch) => void batches.push(batch)),
      "BODY_INCOMPLETE",
    );
    expect(error.retryable).toBe(true);
    expect(batches).toEqual([]);
    expect(asked()).toHaveLength(2);
    expect(leftovers()).toEqual([]);
  });

  test("longer than it says has what it says: the rest belongs to no answer", async () => {
    const { source } = at([httpAnswers.wrongLength("a,b\n1,2\n3,4\n", 8)]);
    const { rows } = await expectOk(source.fetch());
    expect(rows).toEqual([{ a: "1", b: "2" }]);
  });

  test("but stands still ends after the time for that", async () => {
    const { source } = at([httpAnswers.stall(text, 60_000)], { stallTimeoutMs: 200, retry: { maxAttempts: 1 } });
    const error = await expectErr(source.fetch({ clock: hastyClock() }), "TIMEOUT");
    expect(error.retryable).toBe(true);
  });

  test("and never begins ends after the time for that", async () => {
    const { source } = at([httpAnswers.silence()], { headersTimeoutMs: 200, retry: { maxAttempts: 1 } });
    await expectErr(source.fetch({ clock: hastyClock() }), "TIMEOUT");
  });

  test("but drips, never quite still, ends with the reading's own time", async () => {
    const clock = hastyClock();
    const { source, asked } = at([httpAnswers.drip(text, 20)], { downloadTo: join(folder, "drip.csv") });
    const reading = source.fetch({ clock });
    await server.received(server.requests.length + 1);
    clock.ringLong();
    const error = await expectErr(reading, "TIMEOUT");
    expect(error.message).toContain("longer than 900000 ms altogether");
    expect(asked()).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  test("ends when its reader does not want it any more", async () => {
    const reader = new AbortController();
    const { source } = at([httpAnswers.drip(text, 20)]);
    const reading = source.fetch({ clock: hastyClock(), signal: reader.signal });
    await server.received(server.requests.length + 1);
    reader.abort();
    await expectErr(reading, "CANCELLED");
  });

  test("has no end: stops at the limit", async () => {
    const { source, asked } = at([httpAnswers.endless("1,2\n".repeat(10_000))], {
      maxBodyBytes: 1024 * 1024,
      downloadTo: join(folder, "endless.csv"),
    });
    await expectErr(source.fetch({ clock: hastyClock() }), "CONTENT_TOO_LARGE");
    expect(asked()).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  test.each([
    ["a body said to be gzip", { "content-encoding": "gzip" }],
    ["a file that is gzip", {}],
  ])("is made to fill a disk: %s", async (_what, headers) => {
    const { source } = at([httpAnswers.gzipBomb(128 * 1024 * 1024, headers)]);
    await expectErr(source.fetch({ clock: hastyClock() }), "CONTENT_TOO_LARGE");
  });
});

describe("a redirect", () => {
  test("is followed, and the name of what it leads to decides", async () => {
    server.answer("/moved/otc.psv", httpAnswers.content("a|b\n1|2\n"));
    const { source } = at([httpAnswers.redirect("/moved/otc.psv")]);
    const { rows, metadata } = await expectOk(source.fetch());
    expect(rows).toEqual([{ a: "1", b: "2" }]);
    expect(metadata.warnings).toEqual([]);
  });

  test("in a circle is refused", async () => {
    server.answer("/round", httpAnswers.redirect("/about"));
    server.answer("/about", httpAnswers.redirect("/round"));
    const { source } = at([httpAnswers.redirect("/round")]);
    const error = await expectErr(source.fetch(), "REDIRECT_REFUSED");
    expect(error.message).toContain("go round in a circle");
  });

  test("after redirect is refused at the limit", async () => {
    const hops = Array.from({ length: 20 }, (_, hop) => `/hop-${hop}`);
    for (const [index, hop] of hops.entries()) server.answer(hop, httpAnswers.redirect(hops[index + 1] ?? "/end"));
    const { source } = at([httpAnswers.redirect("/hop-0")], { maxRedirects: 5 });
    await expectErr(source.fetch(), "REDIRECT_REFUSED");
  });

  test.each(["file:///etc/passwd", "ftp://example.com/x", "//[bad"])("to %s is refused", async (location) => {
    const { source } = at([httpAnswers.redirect(location)]);
    await expectErr(source.fetch(), "REDIRECT_REFUSED");
  });

  test("into a private network is refused, although the source itself lies in one", async () => {
    const { source } = at([httpAnswers.redirect(`${server.otherOrigin}/secret.csv`)]);
    const error = await expectErr(source.fetch({ clock: hastyClock() }), "ADDRESS_REFUSED");
    expect(error.retryable).toBe(false);
    expect(server.requests.some(({ path }) => path === "/secret.csv")).toBe(false);
  });

  test("to another origin takes no headers and no credentials of the source along", async () => {
    server.answer("/elsewhere.csv", httpAnswers.content("a\n1\n"));
    const { source, asked } = at([httpAnswers.redirect(`${server.otherOrigin}/elsewhere.csv`)], {
      allowPrivateAddresses: true,
      headers: { "X-Api-Key": "k-123" },
      auth: { kind: "own", name: "signature", headers: () => ({ "x-signature": "s-456" }) },
    });
    await expectOk(source.fetch());
    expect(asked()[0]?.headers).toMatchObject({ "x-api-key": "k-123", "x-signature": "s-456" });
    const elsewhere = server.requests.find(({ path }) => path === "/elsewhere.csv");
    expect(elsewhere?.headers).not.toHaveProperty("x-api-key");
    expect(elsewhere?.headers).not.toHaveProperty("x-signature");
  });
});

describe("an address that comes from parameters", () => {
  test.each(["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "169.254.169.254"])(
    "is refused when it is private: %s",
    async (host) => {
      const { port } = new URL(server.origin);
      const source = httpSource({ name: "by-params", url: ({ host: given }) => `http://${String(given)}:${port}/x` });
      const count = server.requests.length;
      await expectErr(source.fetch({ params: { host }, clock: hastyClock() }), "ADDRESS_REFUSED");
      expect(server.requests).toHaveLength(count);
    },
  );

  test("may be private when the source allows it", async () => {
    server.answer("/allowed.csv", httpAnswers.content("a\n1\n"));
    const url = (): string => `${server.origin}/allowed.csv`;
    const source = httpSource({ name: "by-params", url, allowPrivateAddresses: true });
    expect((await expectOk(source.fetch())).rows).toEqual([{ a: "1" }]);
  });
});

describe("what was read before", () => {
  test("is unchanged when the server says so with 304", async () => {
    const { source, asked } = at([httpAnswers.conditional("a\n1\n", '"v1"')]);
    const first = (await expectOk(source.fetch())).metadata;
    const again = await expectOk(source.fetch({ previous: first }));
    expect(again.rows).toEqual([]);
    expect(again.metadata).toMatchObject({ unchanged: true, contentHash: first.contentHash, etag: '"v1"' });
    expect(await expectOk(source.hasChanged(first))).toBe(false);
    expect(asked().map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"v1"', '"v1"']);
  });

  test("is unchanged when its tag is another one and its bytes are the same", async () => {
    const { source } = at([
      httpAnswers.content("a\n1\n", { etag: '"v1"' }),
      httpAnswers.content("a\n1\n", { etag: '"v2"' }),
    ]);
    const first = (await expectOk(source.fetch())).metadata;
    const { rows, metadata } = await expectOk(source.fetch({ previous: first }));
    expect(rows).toEqual([]);
    expect(metadata).toMatchObject({ unchanged: true, etag: '"v2"' });
    expect(await expectOk(source.hasChanged(first))).toBe(false);
  });

  test("has changed when its bytes have", async () => {
    const { source } = at([httpAnswers.conditional("a\n1\n", '"v1"'), httpAnswers.conditional("a\n2\n", '"v2"')]);
    const first = (await expectOk(source.fetch())).metadata;
    expect(await expectOk(source.hasChanged(first))).toBe(true);
    expect((await expectOk(source.fetch({ previous: first }))).rows).toEqual([{ a: "2" }]);
  });
});

describe("a download", () => {
  test("is at its place when it is whole, and stays there", async () => {
    const place = tempFolder();
    const { source } = at([httpAnswers.cut(text, 1000), httpAnswers.content(text)], {
      downloadTo: join(place, "weeks", "w23.csv"),
    });
    onTestFinished(() => expect(readdirSync(join(place, "weeks"))).toEqual(["w23.csv"]));
    await expectOk(source.fetch({ clock: hastyClock() }));
    expect(readFileSync(join(place, "weeks", "w23.csv"), "utf8")).toBe(text);
  });
});
