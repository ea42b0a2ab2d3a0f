#!/usr/bin/env node
// better-sqlite3 crashes without a message on older versions, and these cannot read spine.config.ts.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `error CONFIG_INVALID: spine needs Node 22.19 or later, this is ${process.version}.\n→ Install a newer Node.\n`,
  );
  process.exit(2);
}

// Whoever reads our output may stop reading: `spine runs | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
// Nobody need watch how a run goes for it to go on: `spine backfill run … 2>&1 | head`.
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const { runCli } = await import("./cli.ts");
process.exitCode = await runCli(process.argv.slice(2));
// An abandoned step may hold a socket or a timer; the command is done.
setTimeout(() => process.exit(), 1000).unref();
