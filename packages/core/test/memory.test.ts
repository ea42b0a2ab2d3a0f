import { memory } from "@spine/core";
import { describeStore } from "@spine/testkit";

describeStore("memory", { create: memory, capabilities: { sql: false, shared: true } });
