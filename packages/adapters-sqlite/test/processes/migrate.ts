// Opens a store, which migrates it, as soon as it is told to; prints how many migrations it applied itself.
import { once } from "node:events";
import { sqlite } from "@spine/adapters-sqlite";
import { type Logger, silentLogger, systemClock } from "@spine/core";

const [path = ""] = process.argv.slice(2);
let applied = 0;
const logger: Logger = { ...silentLogger, info: () => void (applied += 1) };
process.stdout.write("ready\n");
await once(process.stdin, "data");
const store = await sqlite(path).open({ clock: systemClock, logger, contributions: () => [] });
if (store.isErr()) throw store.error;
await store.value.close();
process.stdout.write(`${applied}\n`);
process.exit(0);
