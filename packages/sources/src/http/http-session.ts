import {
  type Clock,
  err,
  codeOfHttpStatus,
  ok,
  type Result,
  sleep,
  type SpineError,
  systemClock,
  TimeoutError,
} from "@spine/core";
import { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent } from "undici";
import { isAborted, readAborted } from "../content/content-hash.ts";
import type { ReadOptions } from "../source.ts";
import type { ProblemSubject } from "../text/read-problem.ts";
import { addressRefused, guardedConnector, isPrivateAddress, literalAddress } from "./address-guard.ts";
import { Authorizer, type TokenAnswer } from "./authorizer.ts";
import { exchange, type HttpBody } from "./exchange.ts";
import {
  badAnswer,
  exchangeError,
  type ExchangeSubject,
  headerOf,
  type HttpHeaders,
  redirectRefused,
  statusError,
} from "./http-response.ts";
import type { HttpSettings } from "./http-settings.ts";
import { parseRetryAfter, retryDelayMs } from "./retry-policy.ts";
import { maskUrl, Redaction } from "./secret.ts";

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Where the answer came from in the end. */
  readonly url: URL;
  /** Has to be read or destroyed. */
  readonly body: HttpBody;
}

export interface SessionOptions {
  readonly settings: HttpSettings;
  readonly subject: ProblemSubject;
  /** Where headers and credentials of the source may go. */
  readonly trustedOrigin: string;
  /** Whether that origin may lie in a private network. */
  readonly isTrustedPrivate: boolean;
  readonly read: ReadOptions;
}

/** Characters of an error's body that its text shows. */
const sampleLength = 300;

/** Characters of a token service's answer. */
const tokenLength = 64 * 1024;

const redirects = new Set([301, 302, 303, 307, 308]);

/** The requests of one reading: one deadline, one pool of connections, one set of secrets. Must be closed. */
export class HttpSession {
  readonly settings: HttpSettings;
  readonly redaction = new Redaction();
  readonly clock: Clock;
  readonly #options: SessionOptions;
  readonly #open: Dispatcher;
  readonly #guarded: Dispatcher;
  readonly #authorizer: Authorizer;
  readonly #deadline = new AbortController();
  readonly #signal: AbortSignal;
  readonly #stopTimer: () => void;

  constructor(options: SessionOptions) {
    const { settings, read } = options;
    this.#options = options;
    this.settings = settings;
    this.clock = read.clock ?? systemClock;
    this.#open = createDispatcher(settings, false);
    this.#guarded = createDispatcher(settings, true);
    this.#signal =
      read.signal === undefined ? this.#deadline.signal : AbortSignal.any([read.signal, this.#deadline.signal]);
    this.#stopTimer = this.clock.setTimer(settings.timeoutMs, () => this.#deadline.abort());
    this.#authorizer = new Authorizer(settings.auth, {
      redaction: this.redaction,
      clock: this.clock,
      askForToken: (request) => this.#askForToken(request),
    });
  }

  async close(): Promise<void> {
    this.#stopTimer();
    await Promise.all([this.#open.destroy(), this.#guarded.destroy()]);
  }

  subjectOf(url: URL): ExchangeSubject {
    return { ...this.#options.subject, url: this.redaction.hide(maskUrl(url)), redaction: this.redaction };
  }

  /** Why the reading has to end now, whatever else went wrong. */
  get ended(): SpineError | undefined {
    const { subject, read } = this.#options;
    if (isAborted(read.signal)) return readAborted(subject, read.signal);
    if (!this.#deadline.signal.aborted) return undefined;
    const remedy = "Try again, or raise timeoutMs.";
    return new TimeoutError(
      `Could not read ${subject.locator}: it took longer than ${this.settings.timeoutMs} ms altogether. ${remedy}`,
      { context: { ...subject, remedy } },
    );
  }

  /** Whether to try again, after the wait that is due. */
  async mayRetry(error: SpineError, attempt: number): Promise<boolean> {
    const { retry, random } = this.settings;
    const delayMs = retryDelayMs(error, { attempt, policy: retry, random: random() });
    if (delayMs === undefined || this.ended !== undefined) return false;
    await sleep(this.clock, delayMs, this.#signal);
    return this.ended === undefined;
  }

  /** An answer with status 2xx or 304, with retries and redirects behind it. */
  async exchange(request: HttpRequest): Promise<Result<HttpResponse, SpineError>> {
    let hasRenewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#follow(request, attempt);
      if (answer.isOk()) return answer;
      if (answer.error.context.httpStatus === 401 && !hasRenewed && this.#authorizer.renew()) {
        hasRenewed = true;
        continue;
      }
      if (await this.mayRetry(answer.error, attempt)) continue;
      return err(this.ended ?? answer.error);
    }
  }

  async #follow(first: HttpRequest, attempt: number): Promise<Result<HttpResponse, SpineError>> {
    let request = first;
    const seen = new Set<string>();
    for (;;) {
      const subject = this.subjectOf(request.url);
      const key = `${request.method} ${request.url.href}`;
      if (seen.has(key)) return err(redirectRefused(subject, "its redirects go round in a circle"));
      if (seen.size > this.settings.maxRedirects)
        return err(redirectRefused(subject, `it redirects more than ${this.settings.maxRedirects} times`));
      seen.add(key);
      const response = await this.#sendOnce(request, attempt);
      if (response.isErr()) return err(response.error);
      const { status, headers, body } = response.value;
      const location = headerOf(headers, "location");
      if (!redirects.has(status) || location === undefined) return this.#judge(response.value, subject);
      body.destroy();
      const next = redirected(request, { location, status });
      if (next === undefined)
        return err(
          redirectRefused(subject, `it redirects to ${JSON.stringify(this.redaction.hide(location.slice(0, 200)))}`),
        );
      request = next;
    }
  }

  async #judge(response: HttpResponse, subject: ExchangeSubject): Promise<Result<HttpResponse, SpineError>> {
    const { status, headers, body } = response;
    const code = codeOfHttpStatus(status);
    if (code === undefined && ((status >= 200 && status < 300) || status === 304)) return ok(response);
    const sample = await sampleOf(body);
    if (code === undefined) return err(badAnswer(subject, `the server answered ${status}`));
    const retryAfterMs = parseRetryAfter(headerOf(headers, "retry-after"), this.clock.nowMs());
    return err(statusError(subject, { code, status, retryAfterMs, sample }));
  }

  async #sendOnce(request: HttpRequest, attempt: number): Promise<Result<HttpResponse, SpineError>> {
    const { settings } = this;
    const { url, method, body } = request;
    const isTrusted = url.origin === this.#options.trustedOrigin;
    const isGuarded = settings.allowPrivateAddresses !== true && !(isTrusted && this.#options.isTrustedPrivate);
    const subject = this.subjectOf(url);
    const literal = literalAddress(url);
    // A proxy connects for us, so that what can be seen of the address has to be looked at here too.
    if (isGuarded && literal !== undefined && isPrivateAddress(literal))
      return err(addressRefused(literal).withContext({ ...this.#options.subject, url: subject.url }));
    await settings.rateLimit?.take(url.host, { clock: this.clock, signal: this.#signal });
    if (this.ended !== undefined) return err(this.ended);
    let target = url;
    let headers: Record<string, string> = { "user-agent": "spine", ...request.headers };
    if (isTrusted) {
      const facts = { method, url: url.href, body, attempt };
      const credentials = await this.#authorizer.credentials(facts);
      if (credentials.isErr()) return err(credentials.error);
      headers = { ...headers, ...settings.headers, ...credentials.value.headers };
      target = new URL(url);
      for (const [name, value] of Object.entries(credentials.value.parameters)) target.searchParams.set(name, value);
    }
    headers["accept-encoding"] ??= settings.compressed ? "gzip, br, zstd" : "identity";
    try {
      const { headersTimeoutMs, stallTimeoutMs } = settings;
      const answer = await exchange(isGuarded ? this.#guarded : this.#open, {
        url: target,
        method,
        headers,
        body,
        signal: this.#signal,
        headersTimeoutMs,
        stallTimeoutMs,
      });
      return ok({ ...answer, url });
    } catch (thrown) {
      return err(this.ended ?? exchangeError(subject, thrown));
    }
  }

  async #askForToken({
    url,
    headers,
    body,
  }: Pick<HttpRequest, "url" | "headers"> & { readonly body: string }): Promise<Result<TokenAnswer, SpineError>> {
    const subject = this.subjectOf(url);
    const isGuarded = this.settings.allowPrivateAddresses !== true && !this.#options.isTrustedPrivate;
    try {
      const { headersTimeoutMs, stallTimeoutMs } = this.settings;
      const answer = await exchange(isGuarded ? this.#guarded : this.#open, {
        url,
        method: "POST",
        headers,
        body,
        signal: this.#signal,
        headersTimeoutMs,
        stallTimeoutMs,
      });
      const judged = await this.#judge({ ...answer, url }, subject);
      if (judged.isErr()) return err(judged.error);
      return tokenOf(await textOf(answer.body, tokenLength), subject);
    } catch (thrown) {
      return err(this.ended ?? exchangeError(subject, thrown));
    }
  }
}

function tokenOf(text: string, subject: ExchangeSubject): Result<TokenAnswer, SpineError> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (thrown) {
    return err(badAnswer(subject, "its answer is not JSON", thrown));
  }
  const { access_token: token, expires_in: expiresIn } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof token !== "string" || token === "") return err(badAnswer(subject, "its answer has no access_token"));
  const seconds = Number(expiresIn);
  return ok({ token, expiresInMs: expiresIn === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000 });
}

/** The next request of a redirect; undefined when it may not be followed. */
function redirected(
  request: HttpRequest,
  { location, status }: { readonly location: string; readonly status: number },
): HttpRequest | undefined {
  if (!URL.canParse(location, request.url.href)) return undefined;
  const url = new URL(location, request.url);
  if (url.protocol !== "https:" && (url.protocol !== "http:" || request.url.protocol === "https:")) return undefined;
  // A question that was asked with POST stays one, unless the server says that the answer is had with GET.
  if (status === 307 || status === 308 || request.method === "GET" || request.method === "HEAD")
    return { ...request, url };
  const { "content-type": _, ...headers } = request.headers;
  return { url, method: "GET", headers, body: undefined };
}

function createDispatcher(settings: HttpSettings, isGuarded: boolean): Dispatcher {
  const connect = { timeout: settings.connectTimeoutMs, ...settings.tls };
  if (settings.proxy === "env") return new EnvHttpProxyAgent({ requestTls: connect });
  if (settings.proxy !== undefined) return new ProxyAgent({ uri: settings.proxy, requestTls: connect });
  return new Agent({ connect: isGuarded ? guardedConnector(connect) : connect });
}

/** The first characters of a body; what is behind them is not waited for. */
async function textOf(body: HttpBody, maxLength: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= maxLength) break;
  }
  return text.slice(0, maxLength);
}

async function sampleOf(body: HttpBody): Promise<string> {
  try {
    return await textOf(body, sampleLength);
  } catch {
    // The status is the news; what the server wanted to add is lost.
    return "";
  }
}
