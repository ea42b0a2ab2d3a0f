import { spawn } from "node:child_process";
import { once } from "node:events";
import { startPostgres } from "./postgres.ts";

// `npm run pg` keeps a throw-away PostgreSQL until Ctrl-C; `npm run pg -- <command>` keeps it as long as the command runs.
const { url, stop } = await startPostgres();
const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  console.log(`export SPINE_TEST_PG_URL=${url}`);
  console.error("Ctrl-C stops the server and deletes its data.");
  const kept = setInterval(() => {}, 60_000);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  clearInterval(kept);
} else {
  const env = { ...process.env, SPINE_TEST_PG_URL: url };
  const [code] = await once(spawn(program, args, { env, stdio: "inherit" }), "exit");
  process.exitCode = typeof code === "number" ? code : 1;
}
await stop();
