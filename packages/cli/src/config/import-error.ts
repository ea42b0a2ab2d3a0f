import { ConfigError, SpineError } from "@spine/core";

/** What importing a configuration file threw, as an error that says what to do. */
export function importError(thrown: unknown, path: string): SpineError {
  if (thrown instanceof SpineError) return thrown.withContext({ path });
  const missing = missingPackage(thrown);
  if (missing !== undefined) {
    return new ConfigError(`${path} imports "${missing}", which is not installed.`, {
      ...(missing.startsWith("@spine/adapters-") ? { code: "ADAPTER_UNKNOWN" } : {}),
      cause: thrown,
      context: { path, package: missing, remedy: `Install it: npm install ${missing}` },
    });
  }
  const reason = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ConfigError(`${path} could not be loaded: ${reason}`, {
    cause: thrown,
    context: { path, remedy: placeOf(thrown, path) ?? "Correct the file." },
  });
}

/** The package an import could not find, if that is what a thrown value says. */
export function missingPackage(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, message } = thrown as NodeJS.ErrnoException;
  const named = /Cannot find (?:package|module) '([^'./][^']*)'/.exec(message)?.[1];
  if (named === undefined) return undefined;
  if (code !== undefined && code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") return undefined;
  return named.split("/", named.startsWith("@") ? 2 : 1).join("/");
}

/** Line of the file at which it was thrown. */
function placeOf(thrown: unknown, path: string): string | undefined {
  if (!(thrown instanceof Error) || thrown.stack === undefined) return undefined;
  const at = thrown.stack.indexOf(path);
  const line = at === -1 ? undefined : /^:(\d+)/.exec(thrown.stack.slice(at + path.length))?.[1];
  return line === undefined ? undefined : `Look at line ${line} of it.`;
}
