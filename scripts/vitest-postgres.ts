import { startPostgres } from "./postgres.ts";

/** Gives every test `SPINE_TEST_PG_URL`, or else `SPINE_TEST_PG_SKIPPED` with the reason, which ends up in the last lines of the run. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  try {
    const { url, stop } = await startPostgres();
    process.env["SPINE_TEST_PG_URL"] = url;
    return stop;
  } catch (error) {
    process.env["SPINE_TEST_PG_SKIPPED"] = error instanceof Error ? error.message : "unknown reason";
    return undefined;
  }
}
