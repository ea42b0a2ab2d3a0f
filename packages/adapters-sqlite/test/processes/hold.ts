// Holds the write lock from when it prints "held" until it is told to stop.
import { once } from "node:events";
import Database from "better-sqlite3";

const [path = ""] = process.argv.slice(2);
const db = new Database(path);
db.exec("begin immediate");
process.stdout.write("held\n");
await once(process.stdin, "data");
db.exec("commit");
db.close();
process.exit(0);
