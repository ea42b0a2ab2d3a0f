import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqlite } from "@spine/adapters-sqlite";
import type { StoreProvider } from "@spine/core";
import { describeStore } from "@spine/testkit";

describeStore("sqlite in memory", {
  create: () => sqlite(":memory:"),
  capabilities: { sql: true, shared: false },
});

const folders = new Map<StoreProvider, string>();

describeStore("sqlite on file", {
  create() {
    const folder = mkdtempSync(join(tmpdir(), "spine-sqlite-"));
    const provider = sqlite(join(folder, "spine.db"));
    folders.set(provider, folder);
    return provider;
  },
  destroy: (provider) => rmSync(folders.get(provider) ?? "", { recursive: true, force: true }),
  capabilities: { sql: true, shared: true },
});
