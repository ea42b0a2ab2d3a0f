import type { JsonObject } from "../json.ts";
import type { Logger } from "../logger.ts";
import type { Instant } from "../time.ts";

/** Something that happened. Types are words joined by dots: `run.completed`, `step.failed`, `capture.completed`. */
export interface SpineEvent {
  readonly type: string;
  readonly at: Instant;
  readonly runId?: string | undefined;
  readonly step?: string | undefined;
  readonly payload: JsonObject;
}

export type EventListener = (event: SpineEvent) => void | PromiseLike<void>;

/**
 * Tells listeners in this process what happens, as it happens. Nothing is kept: what must survive is read from the event log of
 * the store. A listener that throws or rejects is logged and never disturbs the others or the run.
 */
export interface EventBus {
  /** Whether anybody listens; lets hot paths skip making events. */
  readonly active: boolean;
  emit(event: SpineEvent): void;
  /** `run.completed`, `run.*` (any depth below) or `*`. Returns the function that stops listening. */
  on(pattern: string, listener: EventListener): () => void;
}

interface Subscription {
  readonly pattern: string;
  readonly matches: (type: string) => boolean;
  readonly listener: EventListener;
}

export function createEventBus(logger: Logger): EventBus {
  // Replaced and never changed, so that an event is told to those who listened when it was emitted.
  let listeners: readonly Subscription[] = [];

  function report(pattern: string, event: SpineEvent, thrown: unknown): void {
    logger.error(`A listener of "${pattern}" failed on ${event.type}; the others were told.`, {
      error: thrown instanceof Error ? thrown.message : String(thrown),
      runId: event.runId,
    });
  }

  return Object.freeze({
    get active() {
      return listeners.length > 0;
    },
    emit(event: SpineEvent) {
      for (const { matches, listener, pattern } of listeners) {
        if (!matches(event.type)) continue;
        try {
          void Promise.resolve(listener(event)).catch((thrown: unknown) => report(pattern, event, thrown));
        } catch (thrown) {
          report(pattern, event, thrown);
        }
      }
    },
    on(pattern: string, listener: EventListener) {
      const entry: Subscription = { matches: matcherOf(pattern), listener, pattern };
      listeners = [...listeners, entry];
      return () => {
        listeners = listeners.filter((other) => other !== entry);
      };
    },
  });
}

function matcherOf(pattern: string): (type: string) => boolean {
  if (pattern === "*") return () => true;
  if (!pattern.endsWith(".*")) return (type) => type === pattern;
  const prefix = pattern.slice(0, -1);
  return (type) => type.startsWith(prefix);
}
