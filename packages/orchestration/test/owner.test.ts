import { err, memory, ResultAsync, SpineError, type StoreProvider } from "@spine/core";
import { capturingLogger, expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { Step } from "../src/index.ts";
import { openFlow } from "./support/run-steps.ts";

const quick = [Step.lambda("a", () => ({}))];

/** A store whose heartbeats fail while it says so. */
function deaf(state: { silent: boolean }): StoreProvider {
  const provider = memory();
  return {
    kind: "memory",
    open: (environment) =>
      provider.open(environment).map((store) => ({
        ...store,
        owners: {
          ...store.owners,
          beat: (owner) =>
            state.silent
              ? new ResultAsync(Promise.resolve(err(new SpineError("DATABASE_UNAVAILABLE", "no server"))))
              : store.owners.beat(owner),
        },
      })),
  };
}

describe("a process as an owner of runs", () => {
  it("costs nothing before its first run", async () => {
    const { spine, clock } = await openFlow(quick);
    expect(clock.pending).toBe(0);
    expect(await expectOk(spine.store.owners.list())).toEqual([]);
  });

  it("has one lease of a minute for all its runs, renewed every 15 seconds", async () => {
    const { spine, clock } = await openFlow(quick);
    await Promise.all([1, 2, 3].map(() => expectOk(spine.workflows.run("test.flow"))));
    expect(await expectOk(spine.store.owners.list())).toMatchObject([
      { owner: "own_000001", pid: process.pid, leaseUntil: "2025-12-20T00:01:00.000Z", alive: true },
    ]);
    await clock.advance(14_999);
    expect(await expectOk(spine.store.owners.list())).toMatchObject([{ leaseUntil: "2025-12-20T00:01:00.000Z" }]);
    await clock.advance(1);
    expect(await expectOk(spine.store.owners.list())).toMatchObject([{ leaseUntil: "2025-12-20T00:01:15.000Z" }]);
    expect(clock.pending).toBe(1);
  });

  it("gives its lease back when it closes, and its timer with it", async () => {
    const { spine, clock } = await openFlow(quick);
    await expectOk(spine.workflows.run("test.flow"));
    const { owners } = spine.store;
    await expectOk(spine.close());
    await expectErr(owners.list(), "HOST_CLOSED");
    expect(clock.pending).toBe(0);
  });

  it("starts no run when it cannot register, and tries again with the next one", async () => {
    const state = { silent: true };
    const { spine } = await openFlow(quick, { spine: { store: deaf(state) } });
    await expectErr(spine.workflows.run("test.flow"), "DATABASE_UNAVAILABLE");
    expect(await expectOk(spine.store.history.list({}))).toEqual([]);
    state.silent = false;
    expect(await expectOk(spine.workflows.run("test.flow"))).toMatchObject({ status: "COMPLETED" });
  });

  it("warns when its lease cannot be renewed, and goes on trying", async () => {
    const logger = capturingLogger();
    const state = { silent: false };
    const { spine, clock } = await openFlow(quick, { spine: { store: deaf(state), logger } });
    await expectOk(spine.workflows.run("test.flow"));
    state.silent = true;
    await clock.advance(30_000);
    expect(logger.lines.map(({ level, fields }) => [level, fields["error"]])).toEqual([
      ["warn", "no server"],
      ["warn", "no server"],
    ]);
    state.silent = false;
    await clock.advance(15_000);
    expect(await expectOk(spine.store.owners.list())).toMatchObject([
      { alive: true, leaseUntil: "2025-12-20T00:01:45.000Z" },
    ]);
  });
});
