import type { Retention, StoreProvider } from "@spine/core";
import type { SpineOptions } from "@spine/orchestration";

/** What `spine.config.ts` exports: the project as the command line sees it. */
export interface SpineConfig extends Partial<
  Pick<
    SpineOptions,
    "plugins" | "pipelines" | "workflows" | "groups" | "expectations" | "calendars" | "parts" | "logger"
  >
> {
  /** Where everything durable is kept; `--store` beats it. */
  readonly store?: StoreProvider;
  /** How long rows that nobody reads any more are kept: what `spine retention` goes by. @defaultValue for ever */
  readonly retentions?: readonly Retention[];
}

/**
 * Declares a project for the `spine` command: the default export of `spine.config.ts`.
 * @example
 * export default defineConfig({ store: sqlite("spine.db"), plugins: [finraOtc] });
 */
export function defineConfig(config: SpineConfig): SpineConfig {
  return Object.freeze({ ...config });
}
