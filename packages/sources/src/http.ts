// Sources over HTTP; need the package undici.
export { httpSource, type HttpSource, type HttpSourceOptions } from "./http/http-source.ts";
export type { HttpClientOptions } from "./http/http-settings.ts";
export type { HttpRetryOptions } from "./http/retry-policy.ts";
export type { HttpHeaders } from "./http/http-response.ts";
export type { HttpAuth, RequestFacts } from "./http/auth.ts";
export { secretFrom, secretFromEnv, type SecretReference } from "./http/secret.ts";
export {
  byCursor,
  byLink,
  byOffset,
  byPage,
  type CountedPagesOptions,
  type CursorOptions,
  type Page,
  type PageRequest,
  type Pagination,
} from "./http/pagination.ts";
