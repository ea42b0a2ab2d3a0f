import type {
  CheckpointResult,
  Instant,
  NewEvent,
  NewRun,
  Result,
  SpineError,
  StepStart,
  Transition,
} from "@spine/core";
import type { Kysely } from "kysely";
import type { SqlEngine, SqlSession } from "../engine.ts";
import type { StoreClock } from "../store-clock.ts";
import type { CoreTables } from "../tables.ts";
import type { SqlTraits } from "../traits.ts";
import { createHotScript } from "./hot-script.ts";
import { createHotStatement } from "./hot-statement.ts";

export interface CreateRun {
  readonly run: NewRun;
  readonly started: readonly StepStart[];
  readonly events: readonly NewEvent[];
}

/** The writes every step of every run makes, one commit each. Their SQL is built once, when the store opens. */
export interface HotWrites {
  create(run: CreateRun): Promise<Result<Instant, SpineError>>;
  checkpoint(transitions: readonly Transition[], session?: SqlSession): Promise<Result<CheckpointResult, SpineError>>;
}

export interface HotOptions {
  readonly engine: SqlEngine;
  readonly traits: SqlTraits;
  readonly clock: StoreClock;
  /** Compiles only. */
  readonly db: Kysely<CoreTables>;
  /** The host's present, for engines whose clock it is. */
  readonly now: () => Instant;
}

/** In the form the engine asks for: a script of prepared statements, or one statement that does it all. */
export function createHotWrites(options: HotOptions): HotWrites {
  return options.traits.hotForm === "script" ? createHotScript(options) : createHotStatement(options);
}
