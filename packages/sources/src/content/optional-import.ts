import { ConfigError, err, ok, type Result, type SpineError } from "@spine/core";

/**
 * Loads a part of this package that needs a library which is not installed with it. Fails with `CAPABILITY_MISSING` and the command that
 * installs it.
 */
export async function importOptional<Module>(
  load: () => Promise<Module>,
  { what, packages }: { readonly what: string; readonly packages: readonly string[] },
): Promise<Result<Module, SpineError>> {
  try {
    return ok(await load());
  } catch (thrown) {
    const remedy = `Run: npm install ${packages.join(" ")}`;
    return err(
      new ConfigError(`${what} needs ${packages.join(" and ")}. ${remedy}`, {
        code: "CAPABILITY_MISSING",
        context: { remedy },
        cause: thrown,
      }),
    );
  }
}
