import * as core from "@spine/core";

if (Object.keys(core).length === 0) throw new Error("@spine/core exports nothing.");
