// Tries to open a store as whoever this process runs as, and prints what came of it.
import { sqlite } from "@spine/adapters-sqlite";
import { silentLogger, systemClock } from "@spine/core";

const [path = ""] = process.argv.slice(2);
const opened = await sqlite(path).open({ clock: systemClock, logger: silentLogger, contributions: () => [] });
process.stdout.write(`${opened.isOk() ? "opened" : `${opened.error.code} ${opened.error.message}`}\n`);
