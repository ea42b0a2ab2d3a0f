import { ConfigError, type JsonObject } from "@spine/core";
import { describeAuth, type HttpAuth } from "./auth.ts";
import type { RateLimiter } from "../wrappers/rate-limit.ts";
import { type HttpRetryOptions, type HttpRetryPolicy, resolveRetryPolicy } from "./retry-policy.ts";

/** How requests are made: what a single content, pages and tokens have in common. */
export interface HttpClientOptions {
  /** Sent with every request to the origin of the source's own address; left away on the way to another one. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: HttpAuth;
  readonly retry?: HttpRetryOptions;
  /** Shared by the sources that are given the same one: see `createRateLimiter`. @defaultValue none */
  readonly rateLimit?: RateLimiter;
  /** The whole reading, waits included. @defaultValue 900,000 */
  readonly timeoutMs?: number;
  /** @defaultValue 10,000 */
  readonly connectTimeoutMs?: number;
  /** Until an answer begins. @defaultValue 30,000 */
  readonly headersTimeoutMs?: number;
  /** How long a body may stand still. @defaultValue 60,000 */
  readonly stallTimeoutMs?: number;
  /** Largest body, unpacked. @defaultValue 16 GiB, 64 MiB for a page */
  readonly maxBodyBytes?: number;
  /** @defaultValue 10 */
  readonly maxRedirects?: number;
  /** Whether to accept packed bodies, which cannot be resumed when they are cut. @defaultValue only for pages */
  readonly compressed?: boolean;
  /**
   * Whether private and local addresses may be reached. @defaultValue those of the address that is written into the source; not those that
   * parameters, redirects or pages lead to
   */
  readonly allowPrivateAddresses?: boolean;
  /** `"env"`: HTTP_PROXY, HTTPS_PROXY and NO_PROXY; or the address of one. @defaultValue none */
  readonly proxy?: "env" | (string & {});
  /** Certificates for TLS, in PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** From 0 to below 1, for waits. @defaultValue Math.random */
  readonly random?: () => number;
}

export interface HttpSettings {
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: HttpAuth | undefined;
  readonly retry: HttpRetryPolicy;
  readonly rateLimit: RateLimiter | undefined;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly maxRedirects: number;
  readonly compressed: boolean;
  readonly allowPrivateAddresses: boolean | undefined;
  readonly proxy: string | undefined;
  readonly tls: HttpClientOptions["tls"];
  readonly random: () => number;
}

/** The options with their defaults. Throws `CONFIG_INVALID` for options that cannot be meant. */
export function resolveHttpOptions(options: HttpClientOptions, isPaged: boolean): HttpSettings {
  const settings: HttpSettings = {
    headers: lowerCased(options.headers ?? {}),
    auth: options.auth,
    retry: resolveRetryPolicy(options.retry),
    rateLimit: options.rateLimit,
    timeoutMs: options.timeoutMs ?? 900_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    headersTimeoutMs: options.headersTimeoutMs ?? 30_000,
    stallTimeoutMs: options.stallTimeoutMs ?? 60_000,
    maxBodyBytes: options.maxBodyBytes ?? (isPaged ? 64 * 1024 ** 2 : 16 * 1024 ** 3),
    maxRedirects: options.maxRedirects ?? 10,
    compressed: options.compressed ?? isPaged,
    allowPrivateAddresses: options.allowPrivateAddresses,
    proxy: options.proxy,
    tls: options.tls,
    random: options.random ?? Math.random,
  };
  const { timeoutMs, connectTimeoutMs, headersTimeoutMs, stallTimeoutMs, maxBodyBytes } = settings;
  const numbers = { ...settings.retry, timeoutMs, connectTimeoutMs, headersTimeoutMs, stallTimeoutMs, maxBodyBytes };
  for (const [name, value] of Object.entries(numbers))
    if (!(value >= 0) || (value === 0 && !name.endsWith("DelayMs"))) throw invalid(`${name} is ${value}`);
  for (const name of Object.keys(settings.headers))
    if (/^(authorization|cookie|proxy-authorization)$/.test(name))
      throw invalid(`headers has "${name}", which is a secret; pass it as auth`);
  return Object.freeze(settings);
}

export function describeHttpSettings({ headers, auth, timeoutMs, rateLimit }: HttpSettings): JsonObject {
  return {
    headers: Object.keys(headers),
    timeoutMs,
    ...(auth === undefined ? {} : { auth: describeAuth(auth) }),
    ...(rateLimit === undefined ? {} : { rateLimit: { ...rateLimit.options } }),
  };
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.freeze(Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])));
}

function invalid(why: string): ConfigError {
  return new ConfigError(`HTTP source: ${why}. Correct the option.`);
}
