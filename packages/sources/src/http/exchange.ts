import type { Dispatcher } from "undici";
import type { HttpHeaders } from "./http-response.ts";

/** What is asked of a dispatcher. */
export interface ExchangeRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  readonly headersTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/** A body as it comes: every byte that came is handed out before the error that ended it. To be read to the end or destroyed. */
export interface HttpBody extends AsyncIterable<Uint8Array> {
  /** Gives up what has not come yet. */
  destroy(): void;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: HttpBody;
}

/** Bytes that wait for their reader before the connection is asked to pause. */
const highWaterBytes = 1024 * 1024;

/**
 * One request and its answer, without retries and redirects. Rejects as undici does when no answer begins. Not undici's own `request`,
 * whose stream drops what it holds when the connection breaks: a body that is to be resumed needs each byte that came.
 */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest): Promise<ExchangeAnswer> {
  const { url, method, headers, body, signal } = request;
  return new Promise((resolve, reject) => {
    const incoming = new IncomingBody(signal);
    // Before there is a connection, there is nothing to abort: the caller need not wait for one.
    const leave = (): void => reject(readerGone());
    signal.addEventListener("abort", leave, { once: true });
    const settled = (): void => signal.removeEventListener("abort", leave);
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        body: body ?? null,
        headersTimeout: request.headersTimeoutMs,
        bodyTimeout: request.stallTimeoutMs,
      },
      {
        onRequestStart: (controller) => incoming.begin(controller),
        onResponseStart(_controller, status, answerHeaders) {
          // An interim answer: the one that counts is still to come.
          if (status < 200) return;
          settled();
          resolve({ status, headers: answerHeaders, body: incoming });
        },
        onResponseData: (_controller, chunk) => incoming.add(chunk),
        onResponseEnd: () => incoming.end(undefined),
        onResponseError(_controller, error) {
          settled();
          incoming.end(error);
          reject(error);
        },
      },
    );
  });
}

function readerGone(): DOMException {
  return new DOMException("The reader went away.", "AbortError");
}

class IncomingBody implements HttpBody {
  readonly #signal: AbortSignal;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  begin(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.destroy();
    else this.#signal.addEventListener("abort", this.destroy, { once: true });
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= highWaterBytes) this.#controller?.pause();
    this.#wake?.();
  }

  end(error: Error | undefined): void {
    this.#ended = true;
    this.#error = error;
    this.#signal.removeEventListener("abort", this.destroy);
    this.#wake?.();
  }

  readonly destroy = (): void => {
    if (!this.#ended) this.#controller?.abort(readerGone());
  };

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#heldBytes = 0;
        yield* chunks;
        if (this.#chunks.length > 0) continue;
        if (this.#error !== undefined) throw this.#error;
        if (this.#ended) return;
        this.#controller?.resume();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      this.destroy();
    }
  }
}
