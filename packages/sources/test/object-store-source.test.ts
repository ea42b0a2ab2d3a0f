import { S3Client } from "@aws-sdk/client-s3";
import { objectStoreSource } from "@spine/sources/s3";
import { bytesHash } from "@spine/core";
import { expectErr, expectOk, type HostileServer, httpAnswers, openHostileServer } from "@spine/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const text = `a|b\n${"1|2\n".repeat(50_000)}`;
let server: HostileServer;
let client: S3Client;
beforeAll(async () => {
  server = await openHostileServer();
  client = new S3Client({
    endpoint: server.origin,
    region: "eu-central-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: "id", secretAccessKey: "secret" },
  });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const source = (key: string) => objectStoreSource({ name: "weeks", client, bucket: "finra", key, delimiter: "|" });

describe("an object of a store that speaks S3", () => {
  test("is read as a file is, and says its version", async () => {
    server.answer("/finra/w23.psv", httpAnswers.conditional(text, '"v1"'));
    const { rows, metadata } = await expectOk(source("w23.psv").fetch());
    expect(rows).toHaveLength(50_000);
    expect(metadata).toMatchObject({
      locator: "s3://finra/w23.psv",
      contentHash: bytesHash(Buffer.from(text)),
      etag: '"v1"',
      sizeBytes: text.length,
    });
    const again = await expectOk(source("w23.psv").fetch({ previous: metadata }));
    expect(again.metadata).toMatchObject({ unchanged: true, rowCount: 0, contentHash: metadata.contentHash });
    expect(await expectOk(source("w23.psv").hasChanged(metadata))).toBe(false);
  });

  test("is unchanged when its tag is another one and its bytes are the same", async () => {
    server.answer(
      "/finra/copied.psv",
      httpAnswers.content(text, { etag: '"v1"' }),
      httpAnswers.content(text, { etag: '"v2"' }),
    );
    const first = await expectOk(source("copied.psv").fetch());
    const again = await expectOk(source("copied.psv").fetch({ previous: first.metadata }));
    expect(again.metadata).toMatchObject({ unchanged: true, etag: '"v2"' });
  });

  test.each([
    [404, "SOURCE_NOT_FOUND"],
    [403, "AUTHORIZATION_FAILED"],
    [503, "HTTP_SERVER_ERROR"],
  ] as const)("that is refused with %i fails with %s", async (status, code) => {
    server.answer("/finra/refused.psv", httpAnswers.status(status));
    const error = await expectErr(source("refused.psv").fetch(), code);
    expect(error.message).toContain("Could not read s3://finra/refused.psv");
  });

  test("that breaks off gives no row at all", async () => {
    server.answer("/finra/cut.psv", httpAnswers.cut(text, 60_000));
    const rows: unknown[] = [];
    const error = await expectErr(
      source("cut.psv")
        .stream()
        .forEachBatch((batch) => void rows.push(...batch.rows)),
      "BODY_INCOMPLETE",
    );
    expect(error.retryable).toBe(true);
    expect(rows).toEqual([]);
  });
});
