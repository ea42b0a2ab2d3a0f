import { type Clock, silentLogger, type StoreEnvironment } from "@spine/core";

/** What a host gives to a store it opens, with this clock, without logs and without contributions of plugins. */
export function silentEnvironment(clock: Clock): StoreEnvironment {
  return Object.freeze({ clock, logger: silentLogger, contributions: () => [] });
}
