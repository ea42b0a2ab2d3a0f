import { toSpineError } from "../errors/classify.ts";
import { ConfigError, ValidationError } from "../errors/families.ts";
import type { SpineError } from "../errors/spine-error.ts";
import { didYouMean } from "../keys.ts";
import type { CaptureFacts } from "../pipeline/context.ts";
import { err, isResult, ok, type Result, type ResultAsync, resultAsync, tryAsync } from "../result.ts";
import type { Capture, CaptureTier } from "./capture.ts";
import type { CaptureLedger } from "./ledger.ts";

export interface StagesOptions {
  readonly domain: string;
  /** From the first to the last; a stage's rank is its place, from 0. One may have a tier of its own. */
  readonly stages: readonly (string | { readonly stage: string; readonly tier: CaptureTier })[];
  /** Of the stages that do not say. @defaultValue "BRONZE" */
  readonly tier?: CaptureTier | undefined;
  /** Called after a stage was reached. Its failure comes back as the call's; what was written stays. */
  readonly onAdvance?: ((reached: ReachedStage) => unknown) | undefined;
}

/** A stage that a partition has reached. */
export interface ReachedStage {
  readonly partition: string;
  readonly stage: string;
  readonly rank: number;
  readonly capture: Capture;
}

export interface AdvanceFacts extends CaptureFacts {
  /** Captures it was computed from. */
  readonly inputs?: readonly string[] | undefined;
  /** `forced` makes a capture of unchanged content. */
  readonly reason?: string | undefined;
}

/**
 * The ledger for people who think in stages: how far is a partition? Stages may be reached in any order or left out; how far it is is the
 * highest that was reached, whenever that was. A stage that is no longer in the list is passed over by reads. All methods fail with
 * `STAGE_UNKNOWN` for a stage that is not in the list.
 */
export interface Stages {
  readonly names: readonly string[];
  /**
   * Records that a partition reached a stage, as one capture from start to end; content that is there already makes none. Fails with
   * `CAPTURE_HELD` while a pipeline captures that stage.
   */
  advanceTo(partition: string, stage: string, facts?: AdvanceFacts): ResultAsync<ReachedStage, SpineError>;
  /** False when nothing is recorded. */
  isAtLeast(partition: string, stage: string): ResultAsync<boolean, SpineError>;
  /** True when nothing is recorded. */
  isBefore(partition: string, stage: string): ResultAsync<boolean, SpineError>;
  has(partition: string, stage: string): ResultAsync<boolean, SpineError>;
  latestStage(partition: string): ResultAsync<ReachedStage | undefined, SpineError>;
  /** What was reached, by rank. */
  list(partition: string): ResultAsync<readonly ReachedStage[], SpineError>;
}

interface RankedStage {
  readonly stage: string;
  readonly tier: CaptureTier;
  readonly rank: number;
}

/** Throws `CONFIG_INVALID` for a list that is empty or names a stage twice. */
export function createStages(
  ledger: Pick<CaptureLedger, "recordStart" | "recordComplete" | "recordFailed" | "resolve">,
  { domain, stages, tier = "BRONZE", onAdvance }: StagesOptions,
): Stages {
  const ranked = stages.map((entry, rank): RankedStage => {
    return Object.freeze(typeof entry === "string" ? { stage: entry, tier, rank } : { ...entry, rank });
  });
  const names = ranked.map(({ stage }) => stage);
  if (names.length === 0 || new Set(names).size !== names.length) {
    throw new ConfigError(`The stages of "${domain}" are ${names.join(", ") || "none"}. Name each once.`);
  }

  function rankOf(stage: string): Result<RankedStage, SpineError> {
    const found = ranked.find((known) => known.stage === stage);
    return found === undefined ? err(unknownStage(domain, stage, names)) : ok(found);
  }

  async function reached(partition: string, known: RankedStage): Promise<Result<ReachedStage | undefined, SpineError>> {
    const capture = await ledger.resolve({ domain, partition, stage: known.stage, tier: known.tier });
    return capture.map((found) => (found === undefined ? undefined : reachedStage(partition, known, found)));
  }

  /** The highest stage reached, from a rank on. */
  async function highest(partition: string, from: number): Promise<Result<ReachedStage | undefined, SpineError>> {
    for (const known of ranked.slice(from).toReversed()) {
      const found = await reached(partition, known);
      if (found.isErr() || found.value !== undefined) return found;
    }
    return ok(undefined);
  }

  async function list(partition: string): Promise<Result<readonly ReachedStage[], SpineError>> {
    const all: ReachedStage[] = [];
    for (const known of ranked) {
      const found = await reached(partition, known);
      if (found.isErr()) return err(found.error);
      if (found.value !== undefined) all.push(found.value);
    }
    return ok(Object.freeze(all));
  }

  async function isAtLeast(partition: string, stage: string): Promise<Result<boolean, SpineError>> {
    const known = rankOf(stage);
    if (known.isErr()) return err(known.error);
    return (await highest(partition, known.value.rank)).map((found) => found !== undefined);
  }

  async function has(partition: string, stage: string): Promise<Result<boolean, SpineError>> {
    const known = rankOf(stage);
    if (known.isErr()) return err(known.error);
    return (await reached(partition, known.value)).map((found) => found !== undefined);
  }

  async function advanceTo(
    partition: string,
    stage: string,
    { inputs, reason, ...facts }: AdvanceFacts,
  ): Promise<Result<ReachedStage, SpineError>> {
    const known = rankOf(stage);
    if (known.isErr()) return err(known.error);
    const slot = { domain, partition, stage, tier: known.value.tier };
    const started = await ledger.recordStart({ ...slot, inputs, reason });
    if (started.isErr()) return err(started.error);
    const { captureId } = started.value;
    const completed = await ledger.recordComplete(captureId, { ...facts, rowCount: facts.rowCount ?? 0 });
    if (completed.isErr()) {
      await ledger.recordFailed(captureId, completed.error.message);
      return err(completed.error);
    }
    const { capture } = completed.value;
    const present = capture.status === "UNCHANGED" ? await ledger.resolve(slot) : ok(capture);
    if (present.isErr()) return err(present.error);
    const stageReached = reachedStage(partition, known.value, present.value ?? capture);
    if (onAdvance === undefined) return ok(stageReached);
    const told = await tryAsync(() => onAdvance(stageReached));
    if (told.isErr()) return err(told.error);
    return isResult(told.value) && told.value.isErr() ? err(toSpineError(told.value.error)) : ok(stageReached);
  }

  return Object.freeze<Stages>({
    names: Object.freeze(names),
    advanceTo: (partition, stage, facts = {}) => resultAsync(() => advanceTo(partition, stage, facts)),
    isAtLeast: (partition, stage) => resultAsync(() => isAtLeast(partition, stage)),
    isBefore: (partition, stage) => resultAsync(() => isAtLeast(partition, stage)).map((reachedIt) => !reachedIt),
    has: (partition, stage) => resultAsync(() => has(partition, stage)),
    latestStage: (partition) => resultAsync(() => highest(partition, 0)),
    list: (partition) => resultAsync(() => list(partition)),
  });
}

function reachedStage(partition: string, { stage, rank }: RankedStage, capture: Capture): ReachedStage {
  return Object.freeze({ partition, stage, rank, capture });
}

function unknownStage(domain: string, stage: string, names: readonly string[]): ValidationError {
  return new ValidationError(
    `"${stage}" is not a stage of "${domain}".${didYouMean(stage, names)} Its stages are ${names.join(", ")}.`,
    { code: "STAGE_UNKNOWN", value: stage, context: { domain, stages: names } },
  );
}
