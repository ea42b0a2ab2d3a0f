import { rollingWindow, trendOf } from "@spine/core";
import { describe, expect, test } from "vitest";

describe("a rolling window", () => {
  const periods = ["w1", "w2", "w3", "w4"];
  const sumOver = (
    volumes: Readonly<Record<string, number>>,
  ): ReturnType<typeof rollingWindow<string, number, number>> =>
    rollingWindow({
      periods,
      valueOf: (period) => volumes[period],
      aggregate: (values) => values.reduce((sum, { value }) => sum + value, 0),
    });

  test("with every period is complete", () => {
    expect(sumOver({ w1: 100, w2: 150, w3: 200, w4: 250 })).toEqual({
      aggregates: 700,
      present: periods,
      periodsPresent: 4,
      periodsTotal: 4,
      isComplete: true,
    });
  });

  test("with some of them says so, and aggregates what there is", () => {
    expect(sumOver({ w4: 250, w2: 150 })).toEqual({
      aggregates: 400,
      present: ["w2", "w4"],
      periodsPresent: 2,
      periodsTotal: 4,
      isComplete: false,
    });
  });

  test("with none has no aggregate, which is not zero", () => {
    expect(sumOver({})).toMatchObject({ aggregates: undefined, present: [], periodsPresent: 0, isComplete: false });
  });

  test("counts a period whose value is zero", () => {
    expect(sumOver({ w1: 0 })).toMatchObject({ aggregates: 0, present: ["w1"] });
  });
});

describe("a trend", () => {
  test.for([
    [[100, 100], [120, 120], "UP", 20],
    [[100, 100], [80, 80], "DOWN", -20],
    [[100, 100], [102, 102], "FLAT", 2],
    [[100], [105], "FLAT", 5],
    [[100], [105.01], "UP", 5.01],
    [[100], [95], "FLAT", -5],
    [[3], [4], "UP", 33.33],
    [[], [1], "FLAT", 0],
    [[1], [], "FLAT", 0],
    [[0, 0], [10], "FLAT", 0],
  ] as const)("from %j to %j is %s by %d percent", ([first, last, direction, percent]) => {
    expect(trendOf(first, last)).toEqual({ direction, percent });
  });

  test("has a threshold that can be set", () => {
    expect(trendOf([100], [108])).toMatchObject({ direction: "UP" });
    expect(trendOf([100], [108], { thresholdPercent: 10 })).toMatchObject({ direction: "FLAT", percent: 8 });
  });
});
