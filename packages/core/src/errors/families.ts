import type { ErrorCode } from "./codes.ts";
import { SpineError, type SpineErrorOptions } from "./spine-error.ts";

export interface FamilyOptions extends SpineErrorOptions {
  /** A more exact code than the family's own. */
  readonly code?: ErrorCode | (string & {});
}

/** A failure outside that will probably pass: retryable (seed 002 §2). */
export class TransientError extends SpineError {
  static override readonly family: string = "TransientError";
  static override readonly familyCode: ErrorCode = "TRANSIENT";
  constructor(message: string, options: FamilyOptions = {}) {
    super(options.code ?? "TRANSIENT", message, options);
  }
}

export class NetworkError extends TransientError {
  static override readonly family: string = "NetworkError";
  static override readonly familyCode: ErrorCode = "NETWORK_ERROR";
  constructor(message: string, options: FamilyOptions = {}) {
    super(message, { code: "NETWORK_ERROR", ...options });
  }
}

export class TimeoutError extends TransientError {
  static override readonly family: string = "TimeoutError";
  static override readonly familyCode: ErrorCode = "TIMEOUT";
  constructor(message: string, options: FamilyOptions = {}) {
    super(message, { code: "TIMEOUT", ...options });
  }
}

/** The other side asks for fewer requests. @defaultValue `retryAfterMs` 60,000 */
export class RateLimitError extends TransientError {
  static override readonly family: string = "RateLimitError";
  constructor(message = "Rate limit exceeded.", options: FamilyOptions = {}) {
    super(message, { code: "RATE_LIMITED", retryAfterMs: 60_000, ...options });
  }
}

export class SourceError extends SpineError {
  static override readonly family: string = "SourceError";
  static override readonly familyCode: ErrorCode = "SOURCE_ERROR";
  constructor(message: string, options: FamilyOptions = {}) {
    super(options.code ?? "SOURCE_ERROR", message, options);
  }
}

export class SourceNotFoundError extends SourceError {
  static override readonly family: string = "SourceNotFoundError";
  static override readonly familyCode: ErrorCode = "SOURCE_NOT_FOUND";
  constructor(message: string, options: FamilyOptions = {}) {
    super(message, { code: "SOURCE_NOT_FOUND", ...options });
  }
}

export class SourceUnavailableError extends SourceError {
  static override readonly family: string = "SourceUnavailableError";
  static override readonly familyCode: ErrorCode = "SOURCE_UNAVAILABLE";
  constructor(message: string, options: FamilyOptions = {}) {
    super(message, { code: "SOURCE_UNAVAILABLE", ...options });
  }
}

/** Text that is not in its format; the context has `line` (1-based) and `byteOffset` where they are known. */
export class ParseError extends SourceError {
  static override readonly family: string = "ParseError";
  static override readonly familyCode: ErrorCode = "PARSE_ERROR";
  constructor(message: string, options: FamilyOptions = {}) {
    super(message, { code: "PARSE_ERROR", ...options });
  }
}

export interface ValidationErrorOptions extends FamilyOptions {
  readonly field?: string;
  readonly value?: unknown;
  readonly constraint?: string;
}

export class ValidationError extends SpineError {
  static override readonly family: string = "ValidationError";
  static override readonly familyCode: ErrorCode = "VALIDATION_FAILED";
  readonly field: string | undefined;
  readonly value: unknown;
  readonly constraint: string | undefined;
  constructor(message: string, options: ValidationErrorOptions = {}) {
    super(options.code ?? "VALIDATION_FAILED", message, options);
    this.field = options.field;
    this.value = options.value;
    this.constraint = options.constraint;
  }
}

export class SchemaError extends ValidationError {
  static override readonly family: string = "SchemaError";
  static override readonly familyCode: ErrorCode = "SCHEMA_MISMATCH";
  constructor(message: string, options: ValidationErrorOptions = {}) {
    super(message, { code: "SCHEMA_MISMATCH", ...options });
  }
}

export class ConfigError extends SpineError {
  static override readonly family: string = "ConfigError";
  static override readonly familyCode: ErrorCode = "CONFIG_INVALID";
  constructor(message: string, options: FamilyOptions = {}) {
    super(options.code ?? "CONFIG_INVALID", message, options);
  }
}

export class MissingConfigError extends ConfigError {
  static override readonly family: string = "MissingConfigError";
  static override readonly familyCode: ErrorCode = "CONFIG_MISSING";
  readonly key: string;
  constructor(key: string, options: FamilyOptions = {}) {
    super(`Missing required configuration: ${key}.`, { code: "CONFIG_MISSING", ...options });
    this.key = key;
  }
}

export class AuthError extends SpineError {
  static override readonly family: string = "AuthError";
  static override readonly familyCode: ErrorCode = "AUTHENTICATION_FAILED";
  constructor(message: string, options: FamilyOptions = {}) {
    super(options.code ?? "AUTHENTICATION_FAILED", message, options);
  }
}

export class PipelineError extends SpineError {
  static override readonly family: string = "PipelineError";
  static override readonly familyCode: ErrorCode = "PIPELINE_FAILED";
  constructor(message: string, options: FamilyOptions = {}) {
    super(options.code ?? "PIPELINE_FAILED", message, options);
  }
}

export class PipelineNotFoundError extends PipelineError {
  static override readonly family: string = "PipelineNotFoundError";
  static override readonly familyCode: ErrorCode = "PIPELINE_NOT_FOUND";
  readonly pipelineKey: string;
  constructor(pipelineKey: string, message: string, options: FamilyOptions = {}) {
    super(message, { code: "PIPELINE_NOT_FOUND", ...options });
    this.pipelineKey = pipelineKey;
  }
}

/** Parameters that are missing (`missing`) or do not fit (`invalid`: path → why). */
export class BadParamsError extends PipelineError {
  static override readonly family: string = "BadParamsError";
  static override readonly familyCode: ErrorCode = "PARAMS_INVALID";
  readonly missing: readonly string[];
  readonly invalid: Readonly<Record<string, string>>;
  constructor(
    message: string,
    options: FamilyOptions & {
      readonly missing?: readonly string[];
      readonly invalid?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message, { code: "PARAMS_INVALID", ...options });
    this.missing = options.missing ?? [];
    this.invalid = options.invalid ?? {};
  }
}

export class OrchestrationError extends SpineError {
  static override readonly family: string = "OrchestrationError";
  static override readonly familyCode: ErrorCode = "WORKFLOW_INVALID";
  constructor(message: string, options: FamilyOptions = {}) {
    super(options.code ?? "WORKFLOW_INVALID", message, options);
  }
}

/** Anything wrong with a pipeline group (seed 003 §1). */
export class GroupError extends OrchestrationError {
  static override readonly family: string = "GroupError";
  static override readonly familyCode: ErrorCode = "GROUP_INVALID";
  constructor(message: string, options: FamilyOptions = {}) {
    super(message, { code: "GROUP_INVALID", ...options });
  }
}

/** The dependencies of a group run in a circle; `cycle` repeats its first step at the end. */
export class CycleDetectedError extends GroupError {
  static override readonly family: string = "CycleDetectedError";
  static override readonly familyCode: ErrorCode = "GROUP_CYCLE";
  readonly cycle: readonly string[];
  constructor(message: string, options: FamilyOptions & { readonly cycle: readonly string[] }) {
    super(message, { code: "GROUP_CYCLE", ...options });
    this.cycle = options.cycle;
  }
}

export class DatabaseError extends SpineError {
  static override readonly family: string = "DatabaseError";
  static override readonly familyCode: ErrorCode = "DATABASE_ERROR";
  constructor(message: string, options: FamilyOptions = {}) {
    super(options.code ?? "DATABASE_ERROR", message, options);
  }
}

export class StorageError extends SpineError {
  static override readonly family: string = "StorageError";
  static override readonly familyCode: ErrorCode = "STORAGE_ERROR";
  constructor(message: string, options: FamilyOptions = {}) {
    super(options.code ?? "STORAGE_ERROR", message, options);
  }
}
