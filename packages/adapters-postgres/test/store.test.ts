import { postgres } from "@spine/adapters-postgres";
import type { StoreProvider } from "@spine/core";
import { describeStore } from "@spine/testkit";
import { describe } from "vitest";
import { createSchemas, url } from "./server.ts";

const schemas = createSchemas("store");
const schemaOf = new Map<StoreProvider, string>();

describe.skipIf(url === undefined)("on a server", () => {
  describeStore("postgres", {
    create() {
      const schema = schemas.take();
      const provider = postgres(url ?? "", { schema, clock: "host", maxConnections: 4 });
      schemaOf.set(provider, schema);
      return provider;
    },
    destroy: (provider) => schemas.giveBack(schemaOf.get(provider) ?? ""),
    teardown: () => schemas.drop(),
    capabilities: { sql: true, shared: true },
  });
});
