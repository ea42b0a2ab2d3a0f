import {
  didYouMean,
  type Instant,
  orThrow,
  parseInstant,
  parsePlainDate,
  type PlainDate,
  SpineError,
} from "@spine/core";
import { type Invocation, textOption } from "../command.ts";

/** An option that takes one of a few words, in any case. Throws `COMMAND_INVALID`, which names the nearest. */
export function choiceOption<const Choice extends string>(
  invocation: Invocation,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textOption(invocation, name);
  return text === undefined ? undefined : choiceOf(text, name, choices);
}

/** One of a few words, in any case; `name` is the option it was given with. */
export function choiceOf<const Choice extends string>(text: string, name: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (choice !== undefined) return choice;
  throw commandInvalid(`${flagOf(name)} takes no "${text}".${didYouMean(text, choices)}`);
}

export interface CountRange {
  /** @defaultValue 1 */
  readonly min?: number;
  /** @defaultValue 10,000 */
  readonly max?: number;
}

/** An option that takes a whole number, if it was given. Throws `COMMAND_INVALID`. */
export function countOption(
  invocation: Invocation,
  name: string,
  { min = 1, max = 10_000 }: CountRange = {},
): number | undefined {
  const text = textOption(invocation, name);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= min && count <= max) return count;
  throw commandInvalid(`${flagOf(name)} ${text} is not a whole number from ${min} to ${max}.`);
}

/** `--limit`, 20 unless given. */
export function limitOption(invocation: Invocation): number {
  return countOption(invocation, "limit") ?? 20;
}

/** An option that takes a point in time. Throws `INSTANT_INVALID`. */
export function instantOption(invocation: Invocation, name: string): Instant | undefined {
  const text = textOption(invocation, name);
  return text === undefined ? undefined : orThrow(parseInstant(text));
}

/** `--from` and `--to`. Throws `DATE_INVALID`, or `COMMAND_INVALID` when they are the wrong way round. */
export function rangeOptions(invocation: Invocation): {
  readonly from?: PlainDate;
  readonly to?: PlainDate;
} {
  const [from, to] = ["from", "to"].map((name) => {
    const text = textOption(invocation, name);
    return text === undefined ? undefined : orThrow(parsePlainDate(text));
  });
  if (from !== undefined && to !== undefined && from > to) {
    throw commandInvalid(`--from ${from} is after --to ${to}.`, "Exchange them.");
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Who decides: `--by`, else the user of this machine. Throws `COMMAND_INVALID` when neither is known. */
export function authorOption(invocation: Invocation): string {
  const author = (textOption(invocation, "by") ?? invocation.io.user ?? "").trim();
  if (author !== "") return author;
  throw commandInvalid("Nobody is named who decides.", "Say who: --by <name>");
}

/** A text that was required, and says something. Throws `COMMAND_INVALID`. */
export function groundsOption(invocation: Invocation, name: "why" | "reason"): string {
  const text = (textOption(invocation, name) ?? "").trim();
  if (text !== "") return text;
  throw commandInvalid(`--${name} is empty.`, "Say it so that a later reader understands.");
}

export function commandInvalid(message: string, remedy?: string): SpineError {
  return new SpineError("COMMAND_INVALID", message, {
    category: "CONFIG",
    ...(remedy === undefined ? {} : { context: { remedy } }),
  });
}

/** `maxParallel` as it is typed: `--max-parallel`. */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
