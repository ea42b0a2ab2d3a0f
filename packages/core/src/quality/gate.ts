import type { GateDecision } from "../captures/capture.ts";
import { toSpineError } from "../errors/classify.ts";
import { ConfigError, ValidationError } from "../errors/families.ts";
import { canonicalJson, encodeJson, type Json } from "../json.ts";
import { parseKey } from "../keys.ts";
import { isResult } from "../result.ts";
import { valueText } from "../errors/value-text.ts";
import type { Check, CheckCategory, CheckContext, CheckVerdict } from "./check.ts";

export interface GateDefinition<Subject> {
  /** By which its results are kept: `finra.otc.ingest`. */
  readonly name: string;
  /** Run in this order, all of them whatever the ones before say. */
  readonly checks: readonly Check<Subject>[];
  /** What a failed check means: `block` stops what depends on the partition too. @defaultValue "block" */
  readonly onFail?: "block" | "quarantine" | undefined;
  /** What a check that warns means: `warn` lets the capture through. @defaultValue "warn" */
  readonly onWarn?: "warn" | "quarantine" | undefined;
}

/** Named checks that together decide whether a capture becomes available. */
export interface Gate<Subject = unknown> {
  readonly name: string;
  readonly checks: readonly Check<Subject>[];
  readonly onFail: "block" | "quarantine";
  readonly onWarn: "warn" | "quarantine";
}

/** What one check of a gate said. */
export interface CheckOutcome {
  readonly check: string;
  readonly category: CheckCategory;
  readonly verdict: CheckVerdict;
}

/** What a gate said of a capture, and on what grounds. */
export interface GateVerdict {
  readonly gate: string;
  readonly decision: GateDecision;
  /** One for each check, in their order. */
  readonly results: readonly CheckOutcome[];
  /** Those that failed. */
  readonly failures: readonly CheckOutcome[];
}

/**
 * Declares a check, with the type of what it looks at. Throws on a mistake in program text (`KEY_INVALID`).
 * @example
 * const sharesAreWhole = defineCheck<{ readonly shares: number }>({
 *   name: "shares_are_whole",
 *   category: "INTEGRITY",
 *   check: ({ subject }) =>
 *     Number.isInteger(subject.shares)
 *       ? { status: "PASS", message: "whole" }
 *       : { status: "FAIL", message: "Shares come in whole numbers.", actual: subject.shares },
 * });
 */
export function defineCheck<Subject = unknown>(check: Check<Subject>): Check<Subject> {
  const name = parseKey("Check", check.name);
  if (name.isErr()) throw name.error;
  return Object.freeze({ ...check });
}

/** Declares a gate. Throws on a mistake in program text (`KEY_INVALID`, `KEY_DUPLICATE`, `CONFIG_INVALID`). */
export function defineGate<Subject = unknown>(definition: GateDefinition<Subject>): Gate<Subject> {
  const { name, checks, onFail = "block", onWarn = "warn" } = definition;
  const key = parseKey("Gate", name);
  if (key.isErr()) throw key.error;
  if (checks.length === 0)
    throw new ConfigError(`Gate "${name}" has no checks, so it would let everything through. Give it one.`);
  const names = new Set<string>();
  for (const check of checks) {
    if (names.has(check.name)) {
      throw new ConfigError(`Gate "${name}" has two checks named "${check.name}". Rename one of them.`, {
        code: "KEY_DUPLICATE",
        context: { gate: name, check: check.name },
      });
    }
    names.add(check.name);
  }
  return Object.freeze({ name, checks: Object.freeze([...checks]), onFail, onWarn });
}

/**
 * Runs all checks of a gate, one after the other, and decides. A check that throws, returns an Err or returns no verdict has failed with
 * the text of that. Never fails itself.
 */
export async function evaluateGate<Subject>(gate: Gate<Subject>, context: CheckContext<Subject>): Promise<GateVerdict> {
  const results: CheckOutcome[] = [];
  for (const check of gate.checks) {
    const verdict = await verdictOf(check, context);
    results.push(Object.freeze({ check: check.name, category: check.category, verdict: Object.freeze(verdict) }));
  }
  return Object.freeze({
    gate: gate.name,
    decision: decisionOf(gate, results),
    results: Object.freeze(results),
    failures: Object.freeze(results.filter(({ verdict }) => verdict.status === "FAIL")),
  });
}

/** What the failed checks of a verdict come to as an error, `QUALITY_GATE_FAILED`. */
export function gateError({ gate, decision, failures, results }: GateVerdict): ValidationError {
  const grounds = failures.length > 0 ? failures : results.filter(({ verdict }) => verdict.status !== "PASS");
  const texts = grounds.map(
    ({ check, verdict }) => `${check}: ${verdict.message.replace(/\.$/, "")}${comparison(verdict)}`,
  );
  return new ValidationError(`Gate "${gate}" refused the data (${decision}): ${texts.join("; ")}.`, {
    code: "QUALITY_GATE_FAILED",
    context: {
      gate,
      decision,
      checks: grounds.map(({ check, verdict: { message, actual, expected } }) => ({
        check,
        message,
        actual,
        expected,
      })),
    },
  });
}

function decisionOf(
  { onFail, onWarn }: Pick<Gate, "onFail" | "onWarn">,
  results: readonly CheckOutcome[],
): GateDecision {
  const said = (status: CheckVerdict["status"]): boolean => results.some(({ verdict }) => verdict.status === status);
  if (said("FAIL")) return onFail === "block" ? "BLOCK" : "QUARANTINE";
  if (said("WARN")) return onWarn === "warn" ? "WARN" : "QUARANTINE";
  return "PASS";
}

async function verdictOf<Subject>(check: Check<Subject>, context: CheckContext<Subject>): Promise<CheckVerdict> {
  try {
    const said: unknown = await check.check(context);
    const settled: unknown = isResult(said) ? said.match(keep, (error) => failed(toSpineError(error).message)) : said;
    return isVerdict(settled) ? jsonOf(settled) : failed("The check returned no verdict; return { status, message }.");
  } catch (thrown) {
    return failed(toSpineError(thrown).message);
  }
}

function keep(value: unknown): unknown {
  return value;
}

function failed(message: string): CheckVerdict {
  return { status: "FAIL", message };
}

function isVerdict(value: unknown): value is CheckVerdict {
  if (typeof value !== "object" || value === null) return false;
  const { status, message } = value as Partial<CheckVerdict>;
  return (status === "PASS" || status === "WARN" || status === "FAIL") && typeof message === "string";
}

/** Values are kept for people: what JSON cannot hold, such as a NaN that a check stumbled over, is kept as its text. */
function jsonOf({ status, message, actual, expected }: CheckVerdict): CheckVerdict {
  const kept = (value: Json | undefined): Json | undefined =>
    value === undefined ? undefined : encodeJson(value).unwrapOr(valueText(value));
  return { status, message, actual: kept(actual), expected: kept(expected) };
}

function comparison({ actual, expected }: CheckVerdict): string {
  const parts = [
    actual === undefined ? [] : [`actual ${canonicalJson(actual)}`],
    expected === undefined ? [] : [`expected ${canonicalJson(expected)}`],
  ].flat();
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
