import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect, sql } from "kysely";
import { fileArchive, fileSource, folderSource, json, withArchive, withRetry } from "@spine/sources";
import { databaseSource } from "@spine/sources/database";
import { byPage, httpSource } from "@spine/sources/http";
import { objectStoreSource } from "@spine/sources/s3";
import { describeSource, httpAnswers, openHostileServer } from "@spine/testkit";
import { tempFolder } from "./support/temp-file.ts";

const rows = [{ id: "1" }, { id: "2" }, { id: "3" }];
const text = "id\n1\n2\n3\n";
const other = "id\n1\n2\n4\n";
const options = { batchSize: 2, delimiter: "," } as const;
const folder = tempFolder();
let count = 0;

function fileCase() {
  count += 1;
  const path = join(folder, `${count}.csv`);
  writeFileSync(path, text);
  return {
    source: fileSource({ name: "suite.file", path, ...options }),
    change: () => writeFileSync(path, other),
    breakOff: () => rmSync(path),
  };
}

describeSource("fileSource", { open: fileCase, rows });

describeSource("fileSource with retry and archive", {
  open() {
    const found = fileCase();
    return { ...found, source: withArchive(withRetry(found.source), fileArchive(join(folder, "archive"))) };
  },
  rows,
});

describeSource("folderSource", {
  open() {
    count += 1;
    const readFrom = tempFolder();
    writeFileSync(join(readFrom, "a.csv"), "id\n1\n2\n");
    writeFileSync(join(readFrom, "b.csv"), "id\n3\n");
    return {
      source: folderSource({ name: "suite.folder", readFrom, settleMs: 0, ...options }),
      change: () => writeFileSync(join(readFrom, "c.csv"), "id\n4\n"),
      breakOff: () => rmSync(readFrom, { recursive: true }),
    };
  },
  rows,
});

describeSource("httpSource", {
  async open() {
    const server = await openHostileServer();
    server.answer("/a.csv", httpAnswers.content(text, { etag: '"1"' }));
    return {
      source: httpSource({ name: "suite.http", url: `${server.origin}/a.csv`, ...options }),
      change: () => server.answer("/a.csv", httpAnswers.content(other, { etag: '"2"' })),
      breakOff: () => server.answer("/a.csv", httpAnswers.status(404)),
      close: () => server.close(),
    };
  },
  rows,
});

describeSource("httpSource with pages", {
  async open() {
    const server = await openHostileServer();
    const pages = (last: string) => (request: { readonly path: string }, response: { end(body: string): unknown }) =>
      void response.end(JSON.stringify(request.path.endsWith("=1") ? rows.slice(0, 2) : [{ id: last }]));
    server.answer("/rows", pages("3"));
    return {
      source: httpSource({
        name: "suite.pages",
        url: `${server.origin}/rows`,
        pagination: byPage({ size: 2 }),
        format: json(),
      }),
      change: () => server.answer("/rows", pages("4")),
      breakOff: () => server.answer("/rows", httpAnswers.status(404)),
      close: () => server.close(),
    };
  },
  rows,
});

describeSource("objectStoreSource", {
  async open() {
    const server = await openHostileServer();
    const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
    const client = new S3Client({ endpoint: server.origin, region: "eu-central-1", forcePathStyle: true, credentials });
    server.answer("/bucket/a.csv", httpAnswers.conditional(text, '"1"'));
    return {
      source: objectStoreSource({ name: "suite.object", client, bucket: "bucket", key: "a.csv", ...options }),
      change: () => server.answer("/bucket/a.csv", httpAnswers.conditional(other, '"2"')),
      breakOff: () => server.answer("/bucket/a.csv", httpAnswers.status(404)),
      close: () => server.close(),
    };
  },
  rows,
});

describeSource("databaseSource", {
  async open() {
    const db = new Kysely<{ ids: { id: string } }>({
      dialect: new SqliteDialect({ database: new Database(":memory:") }),
    });
    await sql`create table ids (id text primary key)`.execute(db);
    await db.insertInto("ids").values(rows).execute();
    const query = () => db.selectFrom("ids").selectAll().orderBy("id");
    return {
      source: databaseSource({ name: "suite.database", db, query, batchSize: 2 }),
      change: () => db.insertInto("ids").values({ id: "4" }).execute(),
      breakOff: () => sql`drop table ids`.execute(db),
      close: () => db.destroy(),
    };
  },
  rows,
});
