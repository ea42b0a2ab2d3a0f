import { type Clock, type Logger, orThrow } from "@spine/core";
import type { Spine } from "@spine/orchestration";
import type { Command, Invocation } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { countOption } from "../input/options.ts";
import { countOf } from "../output/format.ts";
import { schedulerOf } from "../schedules/with-scheduler.ts";
import { withSpine } from "../session.ts";
import { openHealthServer } from "../serve/health-server.ts";

/** How often runs and backfills whose process died are looked for. */
const recoverMs = 60_000;

/** `spine serve`: fires schedules and picks up what dead processes left, until it is told to stop. */
export const serve: Command = (invocation) => {
  const port = countOption(invocation, "port", { min: 0, max: 65_535 });
  return withSpine(invocation, async (spine, { config }) => {
    const scheduler = schedulerOf(spine);
    if (scheduler !== undefined) await orThrow(scheduler.start());
    const recovery = startRecovery(spine, invocation.io.clock, config.logger);
    const server =
      port === undefined
        ? undefined
        : await orThrow(
            openHealthServer({ port, health: () => ({ ...recovery.health(), scheduler: scheduler?.health() }) }),
          );
    const where = server === undefined ? "" : `, health at http://127.0.0.1:${server.port}/health`;
    invocation.io.stderr.write(
      `Serving ${scheduler === undefined ? "run recovery" : "schedules and run recovery"}${where}. Ctrl-C ends it.\n`,
    );
    await stopAsked(invocation);
    invocation.io.stderr.write("Stopping: nothing new begins, what runs goes on to its end.\n");
    // Health is told until the end: a supervisor must see that it still works.
    await recovery.stop();
    if (scheduler !== undefined) await orThrow(scheduler.stop());
    await server?.close();
    const { recovered } = recovery.health();
    return {
      exitCode: EXIT_CODES.DONE,
      document: { recovered },
      lines: [`Stopped in order. ${countOf(recovered, "run")} of dead processes went on here.`],
    };
  });
};

function startRecovery(spine: Spine, clock: Clock, logger: Logger | undefined) {
  let recovered = 0;
  let lastError: string | undefined;
  let stopped = false;
  let cancel = (): void => undefined;
  let passing: Promise<void> = Promise.resolve();

  async function pass(): Promise<void> {
    const runs = await spine.recover();
    const backfills = await spine.backfills.recover();
    const error = [runs, backfills].find((result) => result.isErr());
    lastError = error?.isErr() === true ? error.error.message : undefined;
    if (lastError !== undefined) logger?.warn("A recovery pass failed.", { error: lastError });
    recovered += runs.map((all) => all.length).unwrapOr(0);
    if (!stopped) cancel = clock.setTimer(recoverMs, turn);
  }
  function turn(): void {
    passing = pass();
  }
  turn();
  return {
    health: () => ({ recovered, lastError }),
    async stop(): Promise<void> {
      stopped = true;
      cancel();
      await passing;
    },
  };
}

function stopAsked({ io }: Invocation): Promise<void> {
  return new Promise((resolve) => {
    const stop = io.onStop(() => {
      stop();
      resolve();
    });
  });
}
