import { ConfigError, err, ok, type Result, type SpineError, tryAsync } from "@spine/core";

/** Where a secret is, without the secret: shown, stored and logged freely. */
export interface SecretReference {
  /** For people: `env:FINRA_SECRET`. */
  readonly name: string;
  /** Called for each attempt, so that a secret may change. */
  read(): string | undefined | PromiseLike<string | undefined>;
}

/** A secret in the environment of the process. */
export function secretFromEnv(
  variable: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): SecretReference {
  return Object.freeze({ name: `env:${variable}`, read: () => env[variable] });
}

/** A secret that a function knows: a vault, a file. */
export function secretFrom(name: string, read: SecretReference["read"]): SecretReference {
  return Object.freeze({ name, read });
}

/** Secrets that were used, so that no text shows them. */
export class Redaction {
  readonly #secrets = new Set<string>();

  /** Fails with `SECRET_MISSING`. */
  async reveal(secret: SecretReference): Promise<Result<string, SpineError>> {
    const read = await tryAsync(
      () => secret.read(),
      (thrown) => missing(secret, thrown),
    );
    if (read.isErr()) return err(read.error);
    if (read.value === undefined || read.value === "") return err(missing(secret, undefined));
    this.add(read.value);
    return ok(read.value);
  }

  add(secret: string): void {
    this.#secrets.add(secret);
    this.#secrets.add(encodeURIComponent(secret));
  }

  hide(text: string): string {
    let hidden = text;
    for (const secret of this.#secrets) hidden = hidden.replaceAll(secret, "***");
    return hidden;
  }
}

function missing(secret: SecretReference, cause: unknown): SpineError {
  return new ConfigError(`The secret ${secret.name} is not there. Set it where this process runs.`, {
    code: "SECRET_MISSING",
    context: { secret: secret.name },
    cause,
  });
}

const secretNames = /key|token|secret|sig|passw|auth|credential/i;

/** An address as it may be shown: without user, password and what parameters of such names have. */
export function maskUrl(url: URL): string {
  const masked = new URL(url);
  masked.username = "";
  masked.password = "";
  for (const name of new Set(masked.searchParams.keys()))
    if (secretNames.test(name)) masked.searchParams.set(name, "***");
  return masked.href;
}
