import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpAnswer } from "./http-answers.ts";

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query: `/rows?page=2`. */
  readonly path: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** An HTTP server on loopback that answers as its test says, well or badly. Must be closed. */
export interface HostileServer {
  /** `http://127.0.0.1:41234` */
  readonly origin: string;
  /** The same server under another origin: what is sent here came across origins. */
  readonly otherOrigin: string;
  /** In the order they came. */
  readonly requests: readonly ReceivedRequest[];
  /**
   * How the path is answered, its query aside: the first answer for the first request, and so on; the last one for all that follow.
   * A path without answers is 404.
   */
  answer(path: string, ...answers: readonly [HttpAnswer, ...HttpAnswer[]]): void;
  /** Resolves when so many requests have come. */
  received(count: number): Promise<void>;
  /** Cuts what is still open. */
  close(): Promise<void>;
}

/**
 * Opens a server for the tests of whatever talks HTTP: see `httpAnswers` for what it can do to its clients.
 * @example
 * const server = await openHostileServer();
 * server.answer("/rows.csv", httpAnswers.status(503, { "retry-after": "2" }), httpAnswers.content("a,b\n1,2\n"));
 */
export async function openHostileServer(): Promise<HostileServer> {
  const scripts = new Map<string, HttpAnswer[]>();
  const requests: ReceivedRequest[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    // A client that goes away is no failure of the server.
    response.on("error", () => undefined);
    void receive(request).then((received) => {
      requests.push(received);
      for (const look of waiting) look();
      const path = received.path.split("?")[0] ?? "";
      const answers = scripts.get(path);
      const answer = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
      if (answer === undefined) response.writeHead(404).end();
      else answer(received, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return Object.freeze({
    origin: `http://127.0.0.1:${port}`,
    otherOrigin: `http://localhost:${port}`,
    requests,
    answer: (path: string, ...answers: readonly HttpAnswer[]) => void scripts.set(path, [...answers]),
    received: (count: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (requests.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () => closed(server),
  });
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // Cut by its client: what came counts.
  }
  const { method = "GET", url = "/", headers } = request;
  return Object.freeze({ method, path: url, headers, body: Buffer.concat(chunks).toString("utf8") });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
