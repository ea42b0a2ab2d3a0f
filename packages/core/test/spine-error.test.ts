import {
  AuthError,
  BadParamsError,
  ConfigError,
  CycleDetectedError,
  DatabaseError,
  ERROR_CODES,
  factsOf,
  GroupError,
  MissingConfigError,
  NetworkError,
  OrchestrationError,
  ParseError,
  PipelineError,
  PipelineNotFoundError,
  RateLimitError,
  SchemaError,
  SourceError,
  SourceNotFoundError,
  SourceUnavailableError,
  SpineError,
  StorageError,
  TimeoutError,
  TransientError,
  ValidationError,
} from "@spine/core";
import { describe, expect, test } from "vitest";

describe("a SpineError", () => {
  test("takes category and retryability from its code", () => {
    expect(new SpineError("INTERNAL", "x")).toMatchObject({
      category: "INTERNAL",
      retryable: false,
      retryAfterMs: undefined,
      context: {},
      name: "SpineError",
    });
    expect(new SpineError("DATABASE_BUSY", "x")).toMatchObject({
      category: "DATABASE",
      retryable: true,
    });
  });

  test("counts a code it does not know as UNKNOWN and not retryable, unless told", () => {
    expect(new SpineError("ACME_DOWN", "x")).toMatchObject({
      category: "UNKNOWN",
      retryable: false,
    });
    expect(new SpineError("ACME_DOWN", "x", { category: "NETWORK", retryable: true })).toMatchObject({
      code: "ACME_DOWN",
      category: "NETWORK",
      retryable: true,
    });
  });

  test("lets an option beat its code in both directions", () => {
    expect(new SpineError("DATABASE_BUSY", "x", { retryable: false }).retryable).toBe(false);
    expect(new SpineError("PARSE_ERROR", "x", { retryable: true, retryAfterMs: 30_000 })).toMatchObject({
      retryable: true,
      retryAfterMs: 30_000,
    });
  });

  test("keeps its cause, and has none when none is given", () => {
    const cause = new TypeError("of undefined");
    expect(new SpineError("INTERNAL", "x", { cause }).cause).toBe(cause);
    expect("cause" in new SpineError("INTERNAL", "x")).toBe(false);
  });

  test("is an Error with a stack", () => {
    const error = new ValidationError("5 is too small.");
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toContain("ValidationError: 5 is too small.");
  });

  test("with more context is a copy of the same class; keys given later win", () => {
    const cause = new Error("why");
    const error = new BadParamsError("x", {
      missing: ["week"],
      context: { pipeline: "a.b", step: "one" },
      cause,
    });
    const copy = error.withContext({ step: "two", runId: "run_1" });
    expect(copy).toBeInstanceOf(BadParamsError);
    expect(copy).toMatchObject({ code: "PARAMS_INVALID", message: "x", missing: ["week"], cause });
    expect(copy.context).toEqual({ pipeline: "a.b", step: "two", runId: "run_1" });
    expect(copy.stack).toBe(error.stack);
    expect(error.context).toEqual({ pipeline: "a.b", step: "one" });
  });

  test("has a context that cannot be changed, nor the caller's object through it", () => {
    const context = { pipeline: "a.b" };
    const error = new SpineError("INTERNAL", "x", { context });
    expect(Object.isFrozen(error.context)).toBe(true);
    expect(Object.isFrozen(context)).toBe(false);
  });
});

describe("the families", () => {
  test.for([
    [new TransientError("x"), "TRANSIENT", "NETWORK", true],
    [new NetworkError("x"), "NETWORK_ERROR", "NETWORK", true],
    [new TimeoutError("x"), "TIMEOUT", "NETWORK", true],
    [new RateLimitError(), "RATE_LIMITED", "NETWORK", true],
    [new SourceError("x"), "SOURCE_ERROR", "SOURCE", false],
    [new SourceNotFoundError("x"), "SOURCE_NOT_FOUND", "SOURCE", false],
    [new SourceUnavailableError("x"), "SOURCE_UNAVAILABLE", "SOURCE", true],
    [new ParseError("x"), "PARSE_ERROR", "PARSE", false],
    [new ValidationError("x"), "VALIDATION_FAILED", "VALIDATION", false],
    [new SchemaError("x"), "SCHEMA_MISMATCH", "VALIDATION", false],
    [new ConfigError("x"), "CONFIG_INVALID", "CONFIG", false],
    [new MissingConfigError("SPINE_URL"), "CONFIG_MISSING", "CONFIG", false],
    [new AuthError("x"), "AUTHENTICATION_FAILED", "AUTH", false],
    [new PipelineError("x"), "PIPELINE_FAILED", "PIPELINE", false],
    [new PipelineNotFoundError("a.b", "x"), "PIPELINE_NOT_FOUND", "PIPELINE", false],
    [new BadParamsError("x"), "PARAMS_INVALID", "PIPELINE", false],
    [new OrchestrationError("x"), "WORKFLOW_INVALID", "ORCHESTRATION", false],
    [new GroupError("x"), "GROUP_INVALID", "ORCHESTRATION", false],
    [new CycleDetectedError("x", { cycle: ["a", "b", "a"] }), "GROUP_CYCLE", "ORCHESTRATION", false],
    [new DatabaseError("x"), "DATABASE_ERROR", "DATABASE", false],
    [new StorageError("x"), "STORAGE_ERROR", "STORAGE", false],
  ] as const)("%s is %s, %s, retryable %s", ([error, code, category, retryable]) => {
    expect(error).toMatchObject({ code, category, retryable });
    expect(error.name).toBe(error.constructor.name);
    expect(error).toBeInstanceOf(SpineError);
    expect(error).toBeInstanceOf(error.constructor);
  });

  test("take a more exact code and what goes with it", () => {
    expect(new DatabaseError("x", { code: "DATABASE_BUSY" })).toMatchObject({
      code: "DATABASE_BUSY",
      retryable: true,
    });
    expect(new SourceError("x", { retryable: true, retryAfterMs: 60_000 })).toMatchObject({
      retryable: true,
      retryAfterMs: 60_000,
    });
  });

  test("know their own relatives only", () => {
    expect(new BadParamsError("x")).toBeInstanceOf(PipelineError);
    expect(new CycleDetectedError("x", { cycle: [] })).toBeInstanceOf(GroupError);
    expect(new CycleDetectedError("x", { cycle: [] })).toBeInstanceOf(OrchestrationError);
    expect(new SchemaError("x")).toBeInstanceOf(ValidationError);
    expect(new PipelineError("x")).not.toBeInstanceOf(BadParamsError);
    expect(new ParseError("x")).not.toBeInstanceOf(ValidationError);
    expect(new Error("x")).not.toBeInstanceOf(SpineError);
    expect({ name: "SpineError", code: "INTERNAL" }).not.toBeInstanceOf(SpineError);
    expect(null).not.toBeInstanceOf(SpineError);
  });

  test("carry the facts a caller branches on", () => {
    expect(new RateLimitError().retryAfterMs).toBe(60_000);
    expect(new RateLimitError("x", { retryAfterMs: 5 }).retryAfterMs).toBe(5);
    expect(new MissingConfigError("SPINE_URL")).toMatchObject({
      key: "SPINE_URL",
      message: "Missing required configuration: SPINE_URL.",
    });
    expect(new PipelineNotFoundError("a.b", "x").pipelineKey).toBe("a.b");
    expect(new CycleDetectedError("x", { cycle: ["a", "a"] }).cycle).toEqual(["a", "a"]);
    expect(new ValidationError("x", { field: "week", value: 5, constraint: "friday" })).toMatchObject({
      field: "week",
      value: 5,
      constraint: "friday",
    });
    expect(new BadParamsError("x", { missing: ["a"], invalid: { b: "too small" } })).toMatchObject({
      missing: ["a"],
      invalid: { b: "too small" },
    });
  });

  test("may be extended by a plugin, with a family name of its own or without", () => {
    class AcmeError extends SourceError {}
    class NamedAcmeError extends SourceError {
      static override readonly family = "acme.NamedAcmeError";
    }
    expect(new AcmeError("x")).toBeInstanceOf(AcmeError);
    expect(new AcmeError("x")).toBeInstanceOf(SourceError);
    expect(new SourceError("x")).not.toBeInstanceOf(AcmeError);
    expect(new NamedAcmeError("x")).toBeInstanceOf(NamedAcmeError);
    expect(new NamedAcmeError("x")).toBeInstanceOf(SpineError);
    expect(new AcmeError("x")).not.toBeInstanceOf(NamedAcmeError);
  });
});

describe("the table of codes", () => {
  test("has a summary that is a sentence for each", () => {
    const odd = Object.entries(ERROR_CODES).filter(
      ([code, { summary }]) => !/^[A-Z][A-Z_]*[A-Z]$/.test(code) || !/^[A-Z].*\.$/.test(summary),
    );
    expect(odd).toEqual([]);
  });

  test("answers for names every object has", () => {
    expect(factsOf("constructor")).toEqual(ERROR_CODES.UNKNOWN);
    expect(factsOf("toString")).toEqual(ERROR_CODES.UNKNOWN);
  });
});

describe("a code of a plugin's own", () => {
  test("takes category and retryability of the family it is raised in", () => {
    expect(new ValidationError("Week is closed.", { code: "WEEK_CLOSED" })).toMatchObject({
      code: "WEEK_CLOSED",
      category: "VALIDATION",
      retryable: false,
    });
    expect(new NetworkError("Gateway is resting.", { code: "GATEWAY_RESTING" })).toMatchObject({
      category: "NETWORK",
      retryable: true,
    });
  });

  test("is UNKNOWN and not retryable in no family", () => {
    expect(new SpineError("WEEK_CLOSED", "Week is closed.")).toMatchObject({ category: "UNKNOWN", retryable: false });
  });
});
