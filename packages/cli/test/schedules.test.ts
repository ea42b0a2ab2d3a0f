import { describe, expect, it } from "vitest";
import { exampleConfig } from "./configs.ts";
import { createProject } from "./project.ts";

const config = exampleConfig('sqlite(import.meta.dirname + "/spine.db")')
  .replace('import { z } from "zod";', 'import { z } from "zod";\nimport { scheduler } from "@spine/scheduler";')
  .replace(
    "export default defineConfig({",
    `export default defineConfig({
  parts: [scheduler({ schedules: [
    { name: "prices.nightly", run: "prices.daily", when: { cron: "0 6 * * 1-5", timeZone: "America/New_York" }, params: { symbol: "ALL" } },
    { name: "prices.by_hand", run: "prices.daily", when: { manual: true }, params: { symbol: "IBM" } },
  ] })],`,
  );

describe("spine schedule", () => {
  it("lists schedules with their next instant, and tells what is paused by whom", async () => {
    const { spine } = createProject(config);
    const paused = await spine("schedule pause prices.nightly --reason holidays --by ann");
    expect(paused).toMatchObject({ exitCode: 0, stderr: "" });
    const { stdout } = await spine("schedule list");
    expect(stdout).toMatch(/prices\.nightly +prices\.daily +\d{4}-\d\d-\d\d 1[01]:00:00Z +paused by ann: holidays/);
    await spine("schedule resume prices.nightly");
    expect((await spine("schedule list")).stdout).not.toContain("paused");
  });

  it("shows instants to come in the schedule's zone, across a change of clocks", async () => {
    const { json } = createProject(config);
    const { document } = await json("schedule next prices.nightly --count 2 --after 2025-03-06T12:00:00Z");
    expect(document["instants"]).toEqual(["2025-03-07T11:00:00.000Z", "2025-03-10T10:00:00.000Z"]);
  });

  it("names the nearest schedule when there is none of that name", async () => {
    const { spine } = createProject(config);
    const { exitCode, stderr } = await spine("schedule run-now prices.by_hnd");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('There is no schedule "prices.by_hnd". Did you mean "prices.by_hand"?');
  });

  it("says what to add when the project has no scheduler", async () => {
    const { spine } = createProject(exampleConfig());
    const { stderr } = await spine("schedule list");
    expect(stderr).toContain("This project has no scheduler.");
    expect(stderr).toContain("npm i @spine/scheduler");
  });
});

describe("spine serve", () => {
  it("runs what was asked for by hand, tells its health, and stops in order", async () => {
    const project = createProject(config);
    await project.spine("schedule run-now prices.by_hand");
    let stop = (): void => undefined;
    let told = "";
    const serving = new Promise<string>((resolve) => {
      void project
        .spine("serve --port 0", {
          stderr: {
            write(text) {
              told += text;
              const [, url] = /health at (\S+)\./.exec(told) ?? [];
              if (url !== undefined) resolve(url);
            },
          },
          onStop(listener) {
            stop = listener;
            return () => undefined;
          },
        })
        .then(({ exitCode }) => ended.push(exitCode));
    });
    const ended: number[] = [];
    const answer = await fetch(await serving);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: "ok", scheduler: { isRunning: true } });
    await expect
      .poll(
        async () => (await project.json("schedule history prices.by_hand --status COMPLETED")).document["firings"],
        {
          timeout: 10_000,
        },
      )
      .toHaveLength(1);
    stop();
    await expect.poll(() => ended, { timeout: 10_000 }).toEqual([0]);
    expect(told).toContain("Stopping");
  });
});
