import { instantOfMs, isJsonObject, msOf, SpineError } from "@spine/core";
import type { StepOutcome } from "../../engine/program.ts";
import { policyOf, type StepBase, type StepKind, type StepPolicyOptions } from "../step-kind.ts";
import { forSignal } from "./wait.ts";

/** Who decided, and why. */
export interface Decision {
  readonly by?: string;
  readonly comment?: string;
}

export interface ApprovalOptions extends Pick<StepPolicyOptions, "onError" | "dependsOn"> {
  /** What is asked, for the people who decide. */
  readonly message?: string;
  /** How long to wait for a decision; then the step fails with `WAIT_TIMEOUT`. @defaultValue for ever */
  readonly timeoutMs?: number;
  /** Whether a rejection is an answer to go on with (`approved` is false) rather than a failure. @defaultValue false */
  readonly rejectionGoesOn?: boolean;
}

export interface ApprovalStep extends StepBase {
  readonly kind: StepKind<ApprovalStep>;
  readonly approval: Readonly<Omit<ApprovalOptions, "onError" | "dependsOn">>;
}

/** The signal that decides the approval step of this name. */
export function approvalSignal(step: string): string {
  return `approval:${step}`;
}

const approvalKind: StepKind<ApprovalStep> = Object.freeze<StepKind<ApprovalStep>>({
  kind: "approval",
  async execute({ name, approval }, context, scope) {
    if (context.isDryRun) return { status: "COMPLETED", output: Object.freeze({ dryRun: true }) };
    const now = instantOfMs(scope.environment.clock.nowMs());
    const { begun } = (scope.wait?.state ?? { begun: now }) as { readonly begun: typeof now };
    const { timeoutMs } = approval;
    const limit = timeoutMs === undefined ? undefined : instantOfMs(msOf(begun) + timeoutMs);
    const outcome = await forSignal(name, approvalSignal(name), scope, { now, state: { begun }, limit });
    if (outcome.status === "WAITING") return { ...outcome, wait: { ...outcome.wait, reason: "approval" } };
    return outcome.status === "COMPLETED" ? decided(name, approval, outcome) : outcome;
  },
  toDocument: ({ approval }) => ({
    ...(approval.message === undefined ? {} : { message: approval.message }),
    ...(approval.timeoutMs === undefined ? {} : { limitMs: approval.timeoutMs }),
    ...(approval.rejectionGoesOn === undefined ? {} : { rejectionGoesOn: approval.rejectionGoesOn }),
  }),
});

export function approvalStep(name: string, options: ApprovalOptions = {}): ApprovalStep {
  const { onError, dependsOn, ...approval } = options;
  const policy = policyOf({
    ...(onError === undefined ? {} : { onError }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  });
  return Object.freeze({ name, kind: approvalKind, approval: Object.freeze(approval), ...policy });
}

function decided(
  step: string,
  { rejectionGoesOn = false }: ApprovalStep["approval"],
  outcome: Extract<StepOutcome, { readonly status: "COMPLETED" }>,
): StepOutcome {
  const { payload, signal = "", sequence = 0 } = isJsonObject(outcome.output) ? outcome.output : {};
  const { approved = false, by = null, comment = null } = isJsonObject(payload) ? payload : {};
  const output = Object.freeze({ approved: approved === true, by, comment, signal, sequence });
  if (approved === true || rejectionGoesOn) return { status: "COMPLETED", output };
  const who = typeof by === "string" ? ` by ${by}` : "";
  const why = typeof comment === "string" ? `: ${comment}` : "";
  const error = new SpineError("APPROVAL_REJECTED", `Step "${step}" was rejected${who}${why}.`, { context: { step } });
  return { status: "FAILED", error, output };
}
