import { type ErrorCategory, type ErrorCode, factsOf, isSpineCode } from "./codes.ts";

/** Where an error happened and what it was about. Unknown keys are welcome; values are JSON and never secrets. */
export interface ErrorContext {
  readonly pipeline?: string;
  readonly workflow?: string;
  readonly group?: string;
  readonly step?: string;
  readonly runId?: string;
  readonly attempt?: number;
  readonly executionId?: string;
  readonly sourceName?: string;
  readonly sourceType?: string;
  readonly url?: string;
  readonly httpStatus?: number;
  /** What a person can do about it: one sentence or one command. */
  readonly remedy?: string;
  readonly [key: string]: unknown;
}

export interface SpineErrorOptions {
  /** @defaultValue the category of the code */
  readonly category?: ErrorCategory;
  /** Beats what the code says, in both directions. @defaultValue what the code says */
  readonly retryable?: boolean;
  /** How long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

/** The brand that makes errors of two copies of this package agree on `instanceof`. */
const familySymbol = Symbol.for("spine.error.family/1");

/**
 * The one error type of spine. `code` is API (listed in `docs/errors.md`), the text is not: it says what failed, on which
 * thing, why, and what to do. Whether it may be retried is a property of the code unless an option says otherwise (seed 002 §2).
 */
export class SpineError extends Error {
  /** The name by which copies of this package recognise the class; a subclass that wants that declares its own. */
  static readonly family: string = "SpineError";
  /** The code whose category and retryability a code of somebody else's takes over. */
  static readonly familyCode: ErrorCode = "UNKNOWN";

  readonly code: string;
  readonly category: ErrorCategory;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly context: ErrorContext;

  constructor(code: ErrorCode | (string & {}), message: string, options: SpineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const facts = factsOf(isSpineCode(code) ? code : new.target.familyCode);
    this.name = new.target.name;
    this.code = code;
    this.category = options.category ?? facts.category;
    this.retryable = options.retryable ?? facts.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.context = Object.freeze({ ...options.context });
  }

  /** The family names from this class up to SpineError, by which `instanceof` works across copies. */
  get [familySymbol](): readonly string[] {
    return familiesOf(this.constructor);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!Object.hasOwn(this, "family")) return Function.prototype[Symbol.hasInstance].call(this, value);
    if (typeof value !== "object" || value === null || !(familySymbol in value)) return false;
    const families: unknown = value[familySymbol];
    return Array.isArray(families) && families.includes(this.family);
  }

  /** A copy with more context; the original is untouched, keys given here win. */
  withContext(context: ErrorContext): this {
    // A native error underneath, and the stack by value: V8 keeps it where copied descriptors do not reach.
    const copy: this = Object.setPrototypeOf(new Error(this.message), Object.getPrototypeOf(this));
    return Object.defineProperties(copy, {
      ...Object.getOwnPropertyDescriptors(this),
      stack: { value: this.stack, writable: true, configurable: true },
      context: { value: Object.freeze({ ...this.context, ...context }), enumerable: true },
    });
  }
}

function familiesOf(constructor: unknown): readonly string[] {
  const families: string[] = [];
  for (let current = constructor; typeof current === "function"; current = Object.getPrototypeOf(current)) {
    const family = (current as { family?: unknown }).family;
    if (Object.hasOwn(current, "family") && typeof family === "string") families.push(family);
  }
  return families;
}
