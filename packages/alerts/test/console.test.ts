import { instantOfMs } from "@spine/core";
import { describe, expect, it } from "vitest";
import { accepts, type AlertInput, consoleChannel, createAlert, fingerprintOf } from "../src/index.ts";

const at = { alertId: "alert_1", createdAt: instantOfMs(0) };
const failed: AlertInput = {
  severity: "ERROR",
  title: "Ingest failed",
  message: "No file.\nTried twice.",
  source: "finra.otc.ingest_week",
  domain: "finra.otc",
};

function streamOf(lines: string[], fails = false): { write: NodeJS.WriteStream["write"] } {
  const write = (text: unknown, ...rest: unknown[]): boolean => {
    if (!fails) lines.push(String(text));
    const callback = rest.at(-1);
    if (typeof callback === "function") callback(fails ? new Error("EPIPE") : null);
    return true;
  };
  return { write: write };
}

describe("the console channel", () => {
  it("writes severity, domain, title and source on one line, then the message", async () => {
    const lines: string[] = [];
    const channel = consoleChannel({ stream: streamOf(lines), color: false });
    const sent = await channel.send(channel.render(createAlert(failed, at)), { signal: AbortSignal.abort() });
    expect(sent.isOk()).toBe(true);
    expect(lines.join("")).toBe(
      "1970-01-01T00:00:00.000Z ERROR [finra.otc] Ingest failed (finra.otc.ingest_week)\n  No file.\n  Tried twice.\n",
    );
  });

  it("shows control characters of data instead of obeying them", () => {
    const text = consoleChannel({ color: false }).render(createAlert({ ...failed, title: "a\u001B[2Jb\nc" }, at));
    expect(text).not.toContain("\u001B");
    expect(text.split("\n")[0]).toContain("c (finra.otc.ingest_week)");
  });

  it("returns a delivery error when the stream fails", async () => {
    const sent = await consoleChannel({ stream: streamOf([], true) }).send("x", { signal: AbortSignal.abort() });
    expect(sent._unsafeUnwrapErr().code).toBe("ALERT_DELIVERY_FAILED");
    expect(sent._unsafeUnwrapErr().retryable).toBe(true);
  });
});

describe("alerts", () => {
  it("have one fingerprint for one incident, whatever the message says", () => {
    expect(fingerprintOf(failed)).toBe(createAlert({ ...failed, message: "Other words." }, at).fingerprint);
    expect(fingerprintOf({ ...failed, domain: "prices" })).not.toBe(fingerprintOf(failed));
    expect(fingerprintOf({ ...failed, severity: "WARNING" })).not.toBe(fingerprintOf(failed));
  });

  it.each([
    ["WARNING", undefined, "finra.otc", false],
    ["ERROR", undefined, "finra.otc", true],
    ["CRITICAL", ["finra.*"], "finra.otc", true],
    ["CRITICAL", ["finra.otc"], "finra.otcbb", false],
    ["CRITICAL", ["prices.*"], "finra.otc", false],
    ["CRITICAL", ["prices.*"], undefined, true],
  ] as const)("of severity %s and domains %j about %s are accepted: %s", (severity, domains, domain, accepted) => {
    expect(accepts({ minSeverity: "ERROR", domains }, { severity, domain })).toBe(accepted);
  });
});
