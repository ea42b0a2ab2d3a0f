import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { SchedulerHealth } from "@spine/scheduler";
import { ConfigError, err, ok, type ResultAsync, resultAsync, type SpineError } from "@spine/core";

export interface ServeHealth {
  /** Runs of dead processes that went on here. */
  readonly recovered: number;
  /** What the last recovery pass failed with. */
  readonly lastError: string | undefined;
  readonly scheduler: SchedulerHealth | undefined;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Four sleeps of an idle scheduler: it passes at least each half minute. */
const staleMs = 120_000;

/** Health is progress: passes succeed and keep coming. */
function isHealthy({ lastError, scheduler }: ServeHealth): boolean {
  if (lastError !== undefined || scheduler === undefined) return lastError === undefined;
  return scheduler.lastError === undefined && (scheduler.sinceTickMs ?? 0) < staleMs;
}

/** Answers GET /health on loopback: 200 while things go on, 503 when they do not. Fails with `CONFIG_INVALID` when the port is taken. */
export function openHealthServer({
  port,
  health,
}: {
  readonly port: number;
  readonly health: () => ServeHealth;
}): ResultAsync<HealthServer, SpineError> {
  return resultAsync(async () => {
    const server = createServer((request, response) => {
      if (request.method !== "GET" || request.url !== "/health") {
        response.writeHead(404).end();
        return;
      }
      const now = health();
      const healthy = isHealthy(now);
      response
        .writeHead(healthy ? 200 : 503, { "content-type": "application/json" })
        .end(`${JSON.stringify({ status: healthy ? "ok" : "stuck", ...now })}\n`);
    });
    const failure = await new Promise<Error | undefined>((resolve) => {
      server.once("error", resolve);
      server.listen(port, "127.0.0.1", () => resolve(undefined));
    });
    if (failure !== undefined) {
      return err(
        new ConfigError(`Port ${port} cannot be listened on: ${failure.message}. Choose another --port.`, {
          cause: failure,
        }),
      );
    }
    return ok({
      port: (server.address() as AddressInfo).port,
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    });
  });
}
