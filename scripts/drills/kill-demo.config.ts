import { sqlite } from "@spine/adapters-sqlite";
import { defineConfig } from "@spine/cli";
import { finraOtc } from "spine-plugin-finra-otc";

/** The demo's project, on the database that a drill names. */
export default defineConfig({
  store: sqlite(process.env["SPINE_DRILL_DB"] ?? ":memory:"),
  plugins: [finraOtc],
});
