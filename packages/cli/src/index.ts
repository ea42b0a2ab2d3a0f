// A project
export { defineConfig, type SpineConfig } from "./config/config.ts";

// The command, for programs and tests
export { runCli } from "./cli.ts";
export { type CliIo, type CliOutput } from "./io.ts";
