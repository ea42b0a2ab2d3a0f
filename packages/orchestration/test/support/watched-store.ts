import {
  type CheckpointResult,
  type Result,
  ResultAsync,
  type SpineError,
  type Store,
  type StoreProvider,
  type Transition,
} from "@spine/core";

export type Checkpoint = () => PromiseLike<Result<CheckpointResult, SpineError>>;

export interface WatchedStore extends StoreProvider {
  /** What each call of `checkpoint` was given. */
  readonly checkpoints: readonly (readonly Transition[])[];
}

/**
 * A store whose checkpoints can be counted, held and made to fail.
 * @param around gets each checkpoint with its number, from 1
 */
export function watchedStore(
  provider: StoreProvider,
  around: (checkpoint: Checkpoint, number: number) => PromiseLike<Result<CheckpointResult, SpineError>> = (
    checkpoint,
  ) => checkpoint(),
): WatchedStore {
  const checkpoints: (readonly Transition[])[] = [];
  const watched = (store: Store): Store => ({
    ...store,
    runs: {
      ...store.runs,
      checkpoint(transitions) {
        checkpoints.push(transitions);
        const settled = async (): Promise<Result<CheckpointResult, SpineError>> =>
          around(() => store.runs.checkpoint(transitions), checkpoints.length);
        return new ResultAsync(settled());
      },
    },
  });
  return { kind: provider.kind, open: (environment) => provider.open(environment).map(watched), checkpoints };
}
