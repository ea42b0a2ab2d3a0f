import { expectErr, expectOk, type HostileServer, httpAnswers, openHostileServer } from "@spine/testkit";
import { weeklyApi } from "spine-plugin-finra-otc";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const path = "/data/group/otcMarket/name/weeklySummary";
let server: HostileServer;
beforeAll(async () => {
  server = await openHostileServer();
});
afterAll(() => server.close());

const record = (symbol: string) => ({
  tierIdentifier: "T1",
  issueSymbolIdentifier: symbol,
  issueName: `${symbol} Inc.`,
  MPID: "ABCD",
  marketParticipantName: "ABCD LLC",
  summaryTypeCode: "OTC_W_SMBL_FIRM",
  weekStartDate: "2025-11-10",
  totalWeeklyShareQuantity: 100,
  totalWeeklyTradeCount: 3,
  lastUpdateDate: "2025-11-24",
  firmCRDNumber: 1,
});

describe("FINRA's query service", () => {
  test("is asked for one week of one tier, page by page", async () => {
    server.answer(
      path,
      httpAnswers.content(JSON.stringify([record("AAPL"), record("MSFT")])),
      httpAnswers.content(JSON.stringify([{ ...record("TSLA"), totalWeeklyShareQuantity: "many" }])),
    );
    const api = weeklyApi({ baseUrl: server.origin, pageSize: 2 });
    const { rows, rejects } = await expectOk(api.fetch({ params: { weekStart: "2025-11-10", tier: "T1" } }));
    expect(rows.map(({ issueSymbolIdentifier }) => issueSymbolIdentifier)).toEqual(["AAPL", "MSFT"]);
    expect(rejects).toMatchObject([{ reasonCode: "SCHEMA_MISMATCH" }]);
    const bodies = server.requests.map(({ method, body }) => [method, JSON.parse(body) as object]);
    const compareFilters = [
      { fieldName: "weekStartDate", compareType: "EQUAL", fieldValue: "2025-11-10" },
      { fieldName: "tierIdentifier", compareType: "EQUAL", fieldValue: "T1" },
    ];
    expect(bodies).toEqual([
      ["POST", { compareFilters, limit: 2, offset: 0 }],
      ["POST", { compareFilters, limit: 2, offset: 2 }],
    ]);
  });

  test("is not asked for a week that is none", async () => {
    const api = weeklyApi({ baseUrl: server.origin });
    await expectErr(api.fetch({ params: { weekStart: "last week", tier: "T1" } }), "CONFIG_INVALID");
  });
});
