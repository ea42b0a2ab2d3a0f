import { expectErr, expectOk } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import { parseSchedulesYaml } from "../src/yaml.ts";

const daily = `schedules:
  - name: prices.daily
    run: prices.refresh
    when: { cron: "0 6 * * 1-5", timeZone: America/New_York }
`;

describe("schedules in YAML", () => {
  it("are definitions", async () => {
    expect(await expectOk(parseSchedulesYaml(daily))).toMatchObject([{ name: "prices.daily", run: "prices.refresh" }]);
  });

  it.each([
    ["no YAML", "schedules: [", 1],
    ["a key twice", `${daily}    run: other\n`, 5],
    ["an alias that leads nowhere", "schedules:\n  - *gone\n", 1],
    ["a definition that cannot be", daily.replace("0 6 * * 1-5", "0 6 * * 8"), 2],
  ])("with %s are refused, with file and line", async (_, text, line) => {
    const error = await expectErr(parseSchedulesYaml(text, { file: "schedules.yaml" }), "SCHEDULE_INVALID");
    expect(error.message).toMatch(new RegExp(`^schedules\\.yaml:${line}:`));
    expect(error.context).toMatchObject({ file: "schedules.yaml", line });
  });

  it.each(["", "42", "schedules: 1"])("without a list are refused: %j", async (text) => {
    const error = await expectErr(parseSchedulesYaml(text), "SCHEDULE_INVALID");
    expect(error.message).toContain("has no list `schedules:`");
  });
});
