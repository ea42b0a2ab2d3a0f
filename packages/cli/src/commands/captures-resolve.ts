import {
  type CaptureClock,
  didYouMean,
  orThrow,
  type ResolveCapture,
  serializeError,
  SpineError,
  type Store,
} from "@spine/core";
import { captureState } from "../captures/capture-state.ts";
import { type Command, textOption } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { choiceOption, instantOption } from "../input/options.ts";
import { errorDocument } from "../output/error-lines.ts";
import { withStore } from "../session.ts";
import { captureReport } from "./captures-show.ts";

const clocks: readonly CaptureClock[] = ["available", "captured", "published"];

/** `spine captures resolve <domain> <partition> <stage>`: what readers get, or got. */
export const capturesResolve: Command = (invocation) => {
  const [domain = "", partition = "", stage = ""] = invocation.args;
  const slot = {
    domain,
    partition,
    stage,
    tier: textOption(invocation, "tier"),
    asOf: instantOption(invocation, "asOf"),
    clock: choiceOption(invocation, "clock", clocks),
  };
  return withStore(
    invocation,
    async (store) => {
      const capture = await orThrow(store.captures.resolve(slot));
      if (capture !== undefined) return captureReport(store, capture, invocation);
      const error = serializeError(await nothingThere(store, slot));
      return {
        exitCode: EXIT_CODES.FAILED,
        document: { capture: null, error: errorDocument(error) },
        lines: [],
        errors: [error],
      };
    },
    { mustExist: true },
  );
};

/** Why readers get nothing, as far as the ledger can tell. */
async function nothingThere(
  { captures }: Store,
  { domain, partition, stage, tier, asOf }: ResolveCapture,
): Promise<SpineError> {
  const when = asOf === undefined ? "" : ` as of ${asOf}`;
  const fail = (hint: string, remedy: string): SpineError =>
    new SpineError("CAPTURE_NOT_FOUND", `Readers get no capture of ${domain} ${partition} ${stage}${when}.${hint}`, {
      context: { domain, partition, stage, asOf, remedy },
    });
  const heads = await orThrow(captures.heads({ domain, stage, tier }));
  const head = heads.find((candidate) => candidate.partition === partition);
  if (head !== undefined) {
    const { captureId } = head.current ?? head.latest;
    const hint = head.current === undefined ? ` The last one is ${captureState(head.latest)}.` : " Later they do.";
    return fail(hint, `spine captures show ${captureId}`);
  }
  const hint = didYouMean(
    partition,
    heads.map((candidate) => candidate.partition),
  );
  return fail(hint, `spine captures --domain ${domain}`);
}
