import { inspect } from "node:util";
import { createServer, request as send } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createRateLimiter, json, ndjson } from "@spine/sources";
import {
  byCursor,
  byLink,
  byOffset,
  byPage,
  type HttpAuth,
  httpSource,
  type Pagination,
  secretFrom,
  secretFromEnv,
} from "@spine/sources/http";
import { expectErr, expectOk, fakeClock, type HostileServer, httpAnswers, openHostileServer } from "@spine/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hastyClock } from "./support/hasty-clock.ts";

let server: HostileServer;
beforeAll(async () => {
  server = await openHostileServer();
});
afterAll(() => server.close());

const asked = (path: string) => server.requests.filter((request) => request.path.startsWith(path));
const paths = (path: string): readonly string[] => asked(path).map((request) => request.path);
const page = (rows: readonly number[], more: object = {}, headers: Record<string, string> = {}) =>
  httpAnswers.content(JSON.stringify({ rows: rows.map((id) => ({ id })), ...more }), headers);

function paged(path: string, pagination: Pagination, options: object = {}) {
  const format = json({ path: "rows" });
  return httpSource({ name: "paged", url: `${server.origin}${path}`, pagination, format, ...options });
}

describe("pages", () => {
  test("are followed by the Link header", async () => {
    server.answer(
      "/link",
      page([1, 2], {}, { link: '</link?at=0>; rel="prev", </link?at=2>; title="a, b"; rel="last next"' }),
      page([3]),
    );
    const { rows, metadata } = await expectOk(paged("/link", byLink()).fetch());
    expect(rows).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(paths("/link")).toEqual(["/link", "/link?at=2"]);
    expect(metadata).toMatchObject({ rowCount: 3, parts: [{ rowCount: 2 }, { rowCount: 1 }] });
  });

  test("are followed by the cursor that each has for the next", async () => {
    server.answer("/cursor", page([1], { meta: { next: "c2" } }), page([2], { meta: { next: null } }));
    const pagination = byCursor({ field: "meta.next", parameter: "after" });
    expect((await expectOk(paged("/cursor", pagination).fetch())).rows).toHaveLength(2);
    expect(paths("/cursor")).toEqual(["/cursor", "/cursor?after=c2"]);
  });

  test("are counted by number until one is short", async () => {
    server.answer("/page", page([1, 2]), page([3, 4]), page([5]));
    const pagination = byPage({ size: 2, sizeParameter: "per_page", first: 0 });
    expect((await expectOk(paged("/page?day=1", pagination).fetch())).rows).toHaveLength(5);
    expect(paths("/page")).toEqual([0, 1, 2].map((number) => `/page?day=1&per_page=2&page=${number}`));
  });

  test("are counted by offset in the body that asks for them", async () => {
    server.answer("/offset", page([1, 2]), page([]));
    const source = paged("/offset", byOffset({ size: 2, in: "body" }), { body: { week: "2025-W23" } });
    expect((await expectOk(source.fetch())).rows).toHaveLength(2);
    expect(asked("/offset").map(({ method, body }) => [method, JSON.parse(body) as unknown])).toEqual([
      ["POST", { week: "2025-W23", limit: 2, offset: 0 }],
      ["POST", { week: "2025-W23", limit: 2, offset: 2 }],
    ]);
  });

  test("are found by a function of one's own", async () => {
    server.answer("/own", page([1]), page([2]));
    const own: Pagination = {
      name: "own",
      first: (request) => request,
      next: ({ request, number }) =>
        number === 2 ? undefined : { ...request, url: new URL(`/own?n=${number}`, request.url) },
    };
    expect((await expectOk(paged("/own", own).fetch())).rows).toHaveLength(2);
  });

  test("that come round again are refused", async () => {
    server.answer("/loop", page([1], { next: "c1" }), page([2], { next: "c1" }));
    const error = await expectErr(paged("/loop", byCursor({ field: "next" })).fetch(), "PAGINATION_LOOP");
    expect(error.message).toContain("page 3 is one that was read before");
  });

  test("whose parameter the service does not know are refused at the second one", async () => {
    server.answer("/deaf", page([1, 2]));
    const error = await expectErr(paged("/deaf", byPage({ size: 2 })).fetch(), "PAGINATION_LOOP");
    expect(error.message).toContain("page 2 has the same content");
    expect(asked("/deaf")).toHaveLength(2);
  });

  test("without end are refused at the limit", async () => {
    let id = 0;
    server.answer("/endless", (_request, response) => void response.end(JSON.stringify({ rows: [{ id: (id += 1) }] })));
    await expectErr(paged("/endless", byPage({ size: 1 }), { maxPages: 7 }).fetch(), "PAGINATION_LOOP");
    expect(asked("/endless")).toHaveLength(7);
  });

  test("of the same content are unchanged, and no row of them comes again", async () => {
    const answers = [page([1, 2]), page([3])] as const;
    server.answer("/same", ...answers, ...answers, page([1, 2]), page([4]));
    const source = paged("/same", byPage({ size: 2 }));
    const first = (await expectOk(source.fetch())).metadata;
    const again = await expectOk(source.fetch({ previous: first }));
    expect(again.rows).toEqual([]);
    expect(again.metadata).toMatchObject({ unchanged: true, rowCount: 0, contentHash: first.contentHash });
    const changed = await expectOk(source.fetch({ previous: first }));
    expect(changed.rows).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
    expect(changed.metadata.unchanged).toBe(false);
  });

  test("keep the rows before one that fails", async () => {
    server.answer("/fails", page([1, 2]), httpAnswers.status(500));
    const rows: unknown[] = [];
    const source = paged("/fails", byPage({ size: 2 }));
    await expectErr(
      source.stream({ clock: hastyClock() }).forEachBatch((batch) => void rows.push(...batch.rows)),
      "HTTP_SERVER_ERROR",
    );
    expect(rows).toHaveLength(2);
  });
});

describe("who asks", () => {
  const secret = "s3cr3t/Wört";
  const reference = secretFrom("vault:acme", () => secret);
  const base64 = Buffer.from(`me:${secret}`).toString("base64");
  const kinds: readonly (readonly [string, HttpAuth, string, string])[] = [
    ["basic", { kind: "basic", user: "me", password: reference }, "authorization", `Basic ${base64}`],
    ["bearer", { kind: "bearer", token: secretFrom("t", () => "t0k3n") }, "authorization", "Bearer t0k3n"],
    ["key in a header", { kind: "key", key: secretFrom("k", () => "k3y"), header: "X-Api-Key" }, "x-api-key", "k3y"],
    ["own", { kind: "own", name: "sig", headers: ({ attempt }) => ({ sig: `${attempt}` }) }, "sig", "1"],
  ];

  test.each(kinds)("is said by %s", async (kind, auth, header, value) => {
    const path = `/auth/${encodeURIComponent(kind)}`;
    server.answer(path, httpAnswers.content("a\n1\n"));
    await expectOk(httpSource({ url: `${server.origin}${path}`, auth }).fetch());
    expect(asked(path)[0]?.headers[header]).toBe(value);
  });

  test("is said by a parameter, which no text shows", async () => {
    server.answer("/auth/parameter", httpAnswers.status(400, {}, `no such key: ${secret}`));
    const auth = { kind: "key", key: reference, parameter: "who" } as const;
    const source = httpSource({ url: `${server.origin}/auth/parameter`, auth });
    const error = await expectErr(source.fetch(), "HTTP_CLIENT_ERROR");
    expect(new URL(asked("/auth/parameter")[0]?.path ?? "", server.origin).searchParams.get("who")).toBe(secret);
    expect(error.message).toContain("no such key: ***");
    expect(inspect(error, { depth: 10 })).not.toContain(secret);
    expect(JSON.stringify(source.describe())).not.toContain(secret);
    expect(source.describe().options).toMatchObject({ http: { auth: { kind: "key", key: "vault:acme" } } });
  });

  test("is said by a token that is had for id and secret, kept while it lives, and renewed when refused", async () => {
    const token = (text: string) => httpAnswers.content(JSON.stringify({ access_token: text, expires_in: 1800 }));
    server.answer("/token", token("t1"), token("t2"));
    server.answer("/oauth", page([1, 2]), httpAnswers.status(401), page([3]));
    const auth = {
      kind: "oauth2",
      tokenUrl: `${server.origin}/token`,
      clientId: "me",
      clientSecret: reference,
      scope: "read",
    } as const;
    expect((await expectOk(paged("/oauth", byPage({ size: 2 }), { auth }).fetch())).rows).toHaveLength(3);
    expect(asked("/oauth").map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer t1",
      "Bearer t1",
      "Bearer t2",
    ]);
    expect(asked("/token")[0]).toMatchObject({
      method: "POST",
      headers: { authorization: `Basic ${base64}` },
      body: "grant_type=client_credentials&scope=read",
    });
  });

  test("is not said when the secret is not there", async () => {
    const auth = { kind: "bearer", token: secretFromEnv("ACME_TOKEN", {}) } as const;
    const error = await expectErr(httpSource({ url: `${server.origin}/nobody`, auth }).fetch(), "SECRET_MISSING");
    expect(error.message).toBe("The secret env:ACME_TOKEN is not there. Set it where this process runs.");
    expect(asked("/nobody")).toEqual([]);
  });
});

describe("an address", () => {
  test.each([
    ["with a password", { url: "https://me:pw@example.com/" }],
    ["of another scheme", { url: "ftp://example.com/" }],
    ["that is none", { url: "example.com" }],
    ["with secret headers", { url: "https://example.com/", headers: { Authorization: "Bearer x" } }],
    ["with a time that is none", { url: "https://example.com/", timeoutMs: Number.NaN }],
    ["with pages and a place for one", { url: "https://example.com/", pagination: byLink(), downloadTo: "x" }],
  ])("%s is a mistake in the program", (_what, options) => {
    expect(() => httpSource(options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test("shows no secrets that its parameters have", () => {
    const source = httpSource({ url: "https://example.com/x?day=1&api_key=abc&sig=def" });
    expect(source.describe().locator).toBe("https://example.com/x?day=1&api_key=***&sig=***");
  });

  test("of nobody fails with what may be tried again", async () => {
    const closed = await openHostileServer();
    await closed.close();
    const clock = hastyClock();
    const error = await expectErr(httpSource({ url: `${closed.origin}/x` }).fetch({ clock }), "NETWORK_ERROR");
    expect(error.retryable).toBe(true);
    expect(clock.waits).toHaveLength(4);
  });
});

describe("requests", () => {
  test("keep to the limit of their host, shared by sources", async () => {
    server.answer("/limited", page([1]));
    const clock = hastyClock();
    const rateLimit = createRateLimiter({ requests: 2, perMs: 1000 });
    const source = httpSource({ url: `${server.origin}/limited`, rateLimit });
    const other = httpSource({ url: `${server.origin}/limited`, rateLimit });
    for (const each of [source, other, source, other]) await expectOk(each.fetch({ clock }));
    expect(clock.waits).toEqual([500, 500]);
  });

  test("wait for their turn in the order they came", async () => {
    const clock = fakeClock();
    const limiter = createRateLimiter({ requests: 1, perMs: 1000 });
    const order: number[] = [];
    const takers = [1, 2, 3].map((name) => limiter.take("h", { clock }).then(() => order.push(name)));
    await clock.advance(999);
    expect(order).toEqual([1]);
    await clock.advance(1001);
    await Promise.all(takers);
    expect(order).toEqual([1, 2, 3]);
  });

  test("go through a proxy", async () => {
    const proxy = await openProxy();
    server.answer("/proxied", httpAnswers.content('{"id":1}\n'));
    const source = httpSource({ url: `${server.origin}/proxied`, proxy: proxy.origin, format: ndjson() });
    expect((await expectOk(source.fetch())).rows).toEqual([{ id: 1 }]);
    expect(proxy.targets).toEqual([`${server.origin}/proxied`]);
  });

  test("tell when what they got was published", async () => {
    server.answer(
      "/published.csv",
      httpAnswers.content("a\n1\n", { "last-modified": "Mon, 15 Dec 2025 10:00:00 GMT" }),
    );
    const source = httpSource({
      url: `${server.origin}/published.csv`,
      publishedAt: ({ headers }) => new Date(String(headers["last-modified"])),
    });
    const { metadata } = await expectOk(source.fetch());
    expect(metadata).toMatchObject({
      publishedAt: "2025-12-15T10:00:00.000Z",
      modifiedAt: "2025-12-15T10:00:00.000Z",
    });
  });
});

async function openProxy(): Promise<{ readonly origin: string; readonly targets: readonly string[] }> {
  const targets: string[] = [];
  const proxy = createServer((incoming, answer) => {
    targets.push(incoming.url ?? "");
    send(incoming.url ?? "", (upstream) => upstream.pipe(answer)).end();
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, targets };
}
