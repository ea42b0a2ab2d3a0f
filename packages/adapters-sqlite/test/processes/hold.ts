// Holds the write lock from when it prints "held" until it is told to stop.
import { once } from "node:events";
import { createRequire } from "node:module";

const Database = createRequire(import.meta.url)("better-sqlite3") as typeof import("better-sqlite3");
const [path = ""] = process.argv.slice(2);
const db = new Database(path);
db.exec("begin immediate");
process.stdout.write("held\n");
await once(process.stdin, "data");
db.exec("commit");
db.close();
process.exit(0);
