import type { JsonObject } from "@spine/core";
import type { SecretReference } from "./secret.ts";

/** What a request is about to be, for a function that signs it. */
export interface RequestFacts {
  readonly method: string;
  readonly url: string;
  readonly body: string | undefined;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** How a service knows us. Sent to the origin of the source's own address only, never along a redirect to another one. */
export type HttpAuth =
  | { readonly kind: "basic"; readonly user: string | SecretReference; readonly password: SecretReference }
  | { readonly kind: "bearer"; readonly token: SecretReference }
  | { readonly kind: "key"; readonly key: SecretReference; readonly header: string }
  | { readonly kind: "key"; readonly key: SecretReference; readonly parameter: string }
  | {
      readonly kind: "oauth2";
      /** Where a token is had for id and secret (RFC 6749, 4.4). */
      readonly tokenUrl: string | URL;
      readonly clientId: string | SecretReference;
      readonly clientSecret: SecretReference;
      readonly scope?: string;
    }
  | {
      readonly kind: "own";
      /** For people. */
      readonly name: string;
      /** Headers for one attempt. What they have is taken for a secret. */
      headers(request: RequestFacts): Readonly<Record<string, string>> | PromiseLike<Readonly<Record<string, string>>>;
    };

/** How, and by which secrets; never the secrets. */
export function describeAuth(auth: HttpAuth): JsonObject {
  switch (auth.kind) {
    case "basic":
      return { kind: auth.kind, user: nameOf(auth.user), password: auth.password.name };
    case "bearer":
      return { kind: auth.kind, token: auth.token.name };
    case "key":
      return {
        kind: auth.kind,
        key: auth.key.name,
        ...("header" in auth ? { header: auth.header } : { parameter: auth.parameter }),
      };
    case "oauth2":
      return { kind: auth.kind, clientId: nameOf(auth.clientId), clientSecret: auth.clientSecret.name };
    default:
      return { kind: auth.kind, name: auth.name };
  }
}

function nameOf(value: string | SecretReference): string {
  return typeof value === "string" ? value : value.name;
}
