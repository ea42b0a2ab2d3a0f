import type { ServerResponse } from "node:http";
import { createGzip } from "node:zlib";
import type { ReceivedRequest } from "./hostile-server.ts";

/** How one request is answered; write your own for what `httpAnswers` has not. */
export type HttpAnswer = (request: ReceivedRequest, response: ServerResponse) => void;

export type AnswerHeaders = Readonly<Record<string, string>>;

type Content = string | Uint8Array;

/** Answers, decent and other, each of them what some server really did. */
export const httpAnswers = Object.freeze({
  /** The whole content, with its length. */
  content: (content: Content, headers: AnswerHeaders = {}): HttpAnswer => sized(200, content, headers),
  /** A status without content, or with a little. */
  status: (status: number, headers: AnswerHeaders = {}, content: Content = ""): HttpAnswer =>
    sized(status, content, headers),
  redirect: (location: string, status = 302): HttpAnswer => sized(status, "", { location }),
  /** 304 to those who say that they have `etag`, the content to others. */
  conditional:
    (content: Content, etag: string): HttpAnswer =>
    (request, response) => {
      if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
      else sized(200, content, { etag })(request, response);
    },
  /** Promises the whole content and closes the connection behind its first bytes. */
  cut:
    (content: Content, atByte: number, headers: AnswerHeaders = {}): HttpAnswer =>
    (_request, response) => {
      response.writeHead(200, { ...headers, "content-length": String(Buffer.byteLength(content)) });
      response.write(Buffer.from(content).subarray(0, atByte), () => response.destroy());
    },
  /** A chunked body, of no length that could be missed, cut in the middle. */
  cutChunks:
    (content: Content, atByte: number): HttpAnswer =>
    (_request, response) => {
      response.writeHead(200);
      response.write(Buffer.from(content).subarray(0, atByte), () => response.destroy());
    },
  /** Serves ranges to those who ask for them with the right `if-range`; cuts whole contents as {@link httpAnswers.cut} does. */
  resumable:
    (content: Content, { atByte, etag }: { readonly atByte: number; readonly etag: string }): HttpAnswer =>
    (request, response) => {
      const bytes = Buffer.from(content);
      const start = Number(/^bytes=(\d+)-$/.exec(String(request.headers["range"]))?.[1]);
      if (Number.isNaN(start) || request.headers["if-range"] !== etag) {
        httpAnswers.cut(content, atByte, { etag, "accept-ranges": "bytes" })(request, response);
        return;
      }
      const headers = { etag, "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      sized(206, bytes.subarray(start), headers)(request, response);
    },
  /** Sends the first bytes and then nothing more, the connection open. */
  stall:
    (content: Content, atByte: number): HttpAnswer =>
    (_request, response) => {
      response.writeHead(200, { "content-length": String(Buffer.byteLength(content)) });
      response.write(Buffer.from(content).subarray(0, atByte));
    },
  /** Takes the request and never begins to answer. */
  silence: (): HttpAnswer => () => undefined,
  /** A body that has more bytes, or fewer, than it says. */
  wrongLength:
    (content: Content, sizeBytes: number): HttpAnswer =>
    (_request, response) => {
      // Below http, which would not let it through.
      const socket = response.socket;
      socket?.write(`HTTP/1.1 200 OK\r\ncontent-length: ${sizeBytes}\r\nconnection: close\r\n\r\n`);
      socket?.end(content);
    },
  /** The content again and again until the client goes away. */
  endless:
    (content: Content, headers: AnswerHeaders = {}): HttpAnswer =>
    (_request, response) => {
      response.writeHead(200, headers);
      const more = (): void => {
        while (!response.destroyed && response.write(content));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
  /** One byte after another, never quite still, as slowly as `everyMs` says. */
  drip:
    (content: Content, everyMs: number): HttpAnswer =>
    (_request, response) => {
      const bytes = Buffer.from(content);
      response.writeHead(200, { "content-length": String(bytes.length) });
      let at = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(at, at + 1));
        at += 1;
        if (at >= bytes.length) response.end();
      }, everyMs);
      response.on("close", () => clearInterval(timer));
    },
  /** A gzip body of a few kilobytes for every so many megabytes that it unpacks to. */
  gzipBomb:
    (unpackedBytes: number, headers: AnswerHeaders = { "content-encoding": "gzip" }): HttpAnswer =>
    (_request, response) => {
      response.writeHead(200, headers);
      const gzip = createGzip({ level: 9 });
      gzip.pipe(response);
      const lines = Buffer.alloc(1024 * 1024, `${"x".repeat(4095)}\n`);
      let leftBytes = unpackedBytes;
      const more = (): void => {
        while (leftBytes > 0 && !response.destroyed) {
          leftBytes -= lines.length;
          if (!gzip.write(lines)) {
            gzip.once("drain", more);
            return;
          }
        }
        gzip.end();
      };
      more();
    },
});

function sized(status: number, content: Content, headers: AnswerHeaders): HttpAnswer {
  return (_request, response) => {
    response.writeHead(status, { "content-length": String(Buffer.byteLength(content)), ...headers });
    response.end(content);
  };
}
