import { fakeClock } from "@spine/testkit";
import { describe, expect, it } from "vitest";
import type { CliIo } from "@spine/cli";
import { exampleConfig, sqliteConfig } from "./configs.ts";
import { createProject, type Ended, type Project } from "./project.ts";

/** A command on a terminal of 60 columns whose time is moved by hand, a tenth of a second each turn. */
async function onTerminal(project: Project, args: string, env: CliIo["env"] = { NO_COLOR: "1" }): Promise<Ended> {
  const clock = fakeClock();
  const parts = { stdout: "", stderr: "" };
  const terminal = (name: keyof typeof parts) => ({
    isTTY: true,
    columns: 60,
    write: (text: string) => void (parts[name] += text),
  });
  const ended: number[] = [];
  const world = { stdout: terminal("stdout"), stderr: terminal("stderr"), clock, env };
  const running = project.spine(args, world).then(({ exitCode }) => ended.push(exitCode));
  while (ended.length === 0) await clock.advance(100);
  await running;
  return { exitCode: ended[0] ?? -1, ...parts };
}

describe("on a terminal", () => {
  it("one line for each running step changes in place and is gone at the end", async () => {
    const { stderr } = await onTerminal(createProject(exampleConfig()), "run prices.wait");
    expect(stderr).toMatch(/prices\.wait {2}run_\w+ {2}0 of 1 steps\n/);
    expect(stderr).toMatch(/\n {2}\S wait {2}\d+ ms\n/);
    expect(stderr).toMatch(/ wait {2}9\.\d0 s\n/);
    expect(stderr.endsWith("\u001B[2A\r\u001B[J")).toBe(true);
  });

  it("the timeline has marks and bars", async () => {
    const { stdout } = await onTerminal(createProject(exampleConfig()), "run prices.wait");
    expect(stdout).toMatch(/\n {2}✓ wait {2}█{20} {2}10\.\d\d s {2}1 row\n$/);
  });

  it("colours say what words say, unless NO_COLOR is set", async () => {
    const project = createProject(exampleConfig());
    expect((await onTerminal(project, "run prices.check symbol=A", {})).stdout).toContain(
      "\u001B[32mCOMPLETED\u001B[39m",
    );
    expect((await onTerminal(project, "run prices.check symbol=A")).stdout).not.toContain("\u001B[");
    const forced = await project.spine("run prices.check symbol=A", { env: { FORCE_COLOR: "1" } });
    expect(forced.stdout).toContain("\u001B[32mCOMPLETED\u001B[39m");
  });

  it("no line is wider than the terminal", async () => {
    const { stdout, stderr } = await onTerminal(createProject(exampleConfig()), "run prices.group symbol=FLAKY");
    const live = stderr.slice(0, stderr.indexOf("error "));
    expect(Math.max(...`${live}${stdout}`.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("a request to stop", () => {
  it("cancels the run, which can be gone on with", async () => {
    const project = createProject(sqliteConfig);
    const stop = stopAfterStart();
    const { exitCode } = await project.spine("run prices.wait", stop.io);
    const stderr = stop.told();
    expect(stderr).toContain("Stopping: the run is being cancelled. Ask again to stop at once.\n");
    expect(stderr).toMatch(/error CANCELLED: .*\n→ Run: spine resume run_\w+\n$/);
    expect(exitCode).toBe(1);
    expect((await project.json("runs")).document).toMatchObject({ runs: [{ status: "CANCELLED" }] });
    expect(stop.exited).toEqual([]);
  });

  it("ends the process with 130 the second time", async () => {
    const stop = stopAfterStart({ times: 2 });
    await createProject(exampleConfig()).spine("run prices.wait", stop.io);
    expect(stop.exited).toEqual([130]);
  });
});

/** Asks to stop as soon as stderr tells that the step has started. */
function stopAfterStart({ times = 1 }: { readonly times?: number } = {}): StopAfterStart {
  const exited: number[] = [];
  const told: string[] = [];
  let ask: () => void = () => undefined;
  return {
    exited,
    told: () => told.join(""),
    io: {
      stderr: {
        write(text) {
          told.push(text);
          if (text === "wait started\n") for (let time = 0; time < times; time += 1) ask();
        },
      },
      onStop(listener) {
        ask = listener;
        return () => undefined;
      },
      exit: (exitCode) => void exited.push(exitCode),
    },
  };
}

interface StopAfterStart {
  readonly io: Partial<CliIo>;
  readonly exited: readonly number[];
  told(): string;
}
