import { memory, type Store } from "@spine/core";
import {
  buildAnomaly,
  buildCapture,
  describeStore,
  expectErr,
  expectOk,
  fakeClock,
  silentEnvironment,
} from "@spine/testkit";
import { describe, expect, test } from "vitest";

describeStore("memory", { create: memory, capabilities: { sql: false, shared: true } });

describe("a memory store", () => {
  const owner = { owner: "owner-a", place: "host-1", pid: 1, leaseMs: 60_000 };

  async function openTwice(): Promise<readonly [Store, Store]> {
    const provider = memory();
    const environment = silentEnvironment(fakeClock());
    return [await expectOk(provider.open(environment)), await expectOk(provider.open(environment))];
  }

  test("keeps the data of one provider apart from another's", async () => {
    const [store] = await openTwice();
    const [stranger] = await openTwice();
    await expectOk(store.anomalies.record([buildAnomaly()]));
    expect(await expectOk(stranger.anomalies.list({}))).toEqual([]);
  });

  test("that is closed during a transaction keeps nothing of it and lets the next one in", async () => {
    const [crashed, next] = await openTwice();
    const transaction = crashed.transaction(async (tx) => {
      await expectOk(tx.anomalies.record([buildAnomaly({ anomalyId: "anom_1" })]));
      await new Promise(() => undefined);
    });
    const waiting = next.anomalies.record([buildAnomaly({ anomalyId: "anom_2" })]);
    await new Promise(setImmediate);
    await expectOk(crashed.close());
    await expectErr(transaction, "HOST_CLOSED");
    await expectOk(waiting);
    expect(await expectOk(next.anomalies.list({}))).toMatchObject([{ anomalyId: "anom_2" }]);
  });

  test("takes heartbeats and answers reads while a transaction is open", async () => {
    const [store, other] = await openTwice();
    await expectOk(store.captures.start(buildCapture({ captureId: "cap_1", owner: "owner-a", leaseMs: 1 })));
    const transaction = store.transaction(() => new Promise(() => undefined));
    await new Promise(setImmediate);
    await expectOk(other.owners.beat(owner));
    expect(await expectOk(other.owners.list())).toMatchObject([{ alive: true }]);
    expect(await expectOk(other.captures.get({ captureId: "cap_1" }))).toMatchObject({
      leaseUntil: "2025-12-20T00:01:00.000Z",
    });
    await expectOk(store.close());
    await transaction;
  });

  test("is refused as a whole inside its own transaction, also by another handle on the same data", async () => {
    const [store, other] = await openTwice();
    await expectOk(
      store.transaction(async () => {
        await expectErr(other.anomalies.record([buildAnomaly()]), "TX_NESTED");
        await expectErr(
          other.transaction(() => 1),
          "TX_NESTED",
        );
      }),
    );
    expect(await expectOk(other.anomalies.list({}))).toEqual([]);
  });
});
