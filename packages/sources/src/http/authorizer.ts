import { type Clock, err, ok, type Result, type SpineError } from "@spine/core";
import type { HttpAuth, RequestFacts } from "./auth.ts";
import type { Redaction, SecretReference } from "./secret.ts";

/** Headers, and parameters of the address, that say who we are. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a token service answers. */
export interface TokenAnswer {
  readonly token: string;
  readonly expiresInMs: number | undefined;
}

export type AskForToken = (request: {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<Result<TokenAnswer, SpineError>>;

/** A token is not used in the last minute of its life. */
const tokenMarginMs = 60_000;

/** Makes credentials for each attempt; keeps an OAuth2 token as long as it lives. */
export class Authorizer {
  readonly #auth: HttpAuth | undefined;
  readonly #redaction: Redaction;
  readonly #clock: Clock;
  readonly #askForToken: AskForToken;
  #token: { readonly text: string; readonly untilMs: number } | undefined;

  constructor(
    auth: HttpAuth | undefined,
    tools: { readonly redaction: Redaction; readonly clock: Clock; readonly askForToken: AskForToken },
  ) {
    this.#auth = auth;
    this.#redaction = tools.redaction;
    this.#clock = tools.clock;
    this.#askForToken = tools.askForToken;
  }

  /** Forgets a token that the service does not take any more. Whether there was one. */
  renew(): boolean {
    const had = this.#token !== undefined;
    this.#token = undefined;
    return had;
  }

  async credentials(request: RequestFacts): Promise<Result<Credentials, SpineError>> {
    const auth = this.#auth;
    if (auth === undefined) return ok({ headers: {}, parameters: {} });
    switch (auth.kind) {
      case "basic": {
        const pair = await this.#pair(auth.user, auth.password);
        return pair.map((authorization) => ({ headers: { authorization }, parameters: {} }));
      }
      case "bearer": {
        const token = await this.#redaction.reveal(auth.token);
        return token.map((text) => ({ headers: { authorization: `Bearer ${text}` }, parameters: {} }));
      }
      case "key": {
        const key = await this.#redaction.reveal(auth.key);
        return key.map((text) =>
          "header" in auth
            ? { headers: { [auth.header.toLowerCase()]: text }, parameters: {} }
            : { headers: {}, parameters: { [auth.parameter]: text } },
        );
      }
      case "oauth2":
        return this.#oauth2(auth);
      default: {
        const headers = await auth.headers(request);
        for (const value of Object.values(headers)) this.#redaction.add(value);
        return ok({ headers, parameters: {} });
      }
    }
  }

  async #oauth2(auth: HttpAuth & { readonly kind: "oauth2" }): Promise<Result<Credentials, SpineError>> {
    if (this.#token === undefined || this.#clock.nowMs() >= this.#token.untilMs) {
      const authorization = await this.#pair(auth.clientId, auth.clientSecret);
      if (authorization.isErr()) return err(authorization.error);
      const form = new URLSearchParams({ grant_type: "client_credentials" });
      if (auth.scope !== undefined) form.set("scope", auth.scope);
      const answer = await this.#askForToken({
        url: new URL(auth.tokenUrl),
        headers: {
          authorization: authorization.value,
          accept: "application/json",
          "content-type": "application/x-www-form-urlencoded",
        },
        body: form.toString(),
      });
      if (answer.isErr()) return err(answer.error);
      const { token, expiresInMs = Number.POSITIVE_INFINITY } = answer.value;
      this.#redaction.add(token);
      this.#token = { text: token, untilMs: this.#clock.nowMs() + expiresInMs - tokenMarginMs };
    }
    return ok({ headers: { authorization: `Bearer ${this.#token.text}` }, parameters: {} });
  }

  async #pair(user: string | SecretReference, password: SecretReference): Promise<Result<string, SpineError>> {
    const name = typeof user === "string" ? ok(user) : await this.#redaction.reveal(user);
    if (name.isErr()) return err(name.error);
    const secret = await this.#redaction.reveal(password);
    if (secret.isErr()) return err(secret.error);
    const encoded = Buffer.from(`${name.value}:${secret.value}`).toString("base64");
    this.#redaction.add(encoded);
    return ok(`Basic ${encoded}`);
  }
}
