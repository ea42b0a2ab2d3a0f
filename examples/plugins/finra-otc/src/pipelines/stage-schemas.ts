import { type Capture, parseWeekEnding } from "@spine/core";
import { z } from "zod";
import { tiers } from "../rules/tier.ts";

/** A Friday as `YYYY-MM-DD`. */
export const weekSchema = z.string().check((context) => {
  const parsed = parseWeekEnding(context.value);
  if (parsed.isErr()) context.issues.push({ code: "custom", message: parsed.error.message, input: context.value });
});

export const tierSchema = z.enum(tiers);

/** What every stage after ingest takes; `force` captures again although nothing changed. */
export const stageParams = z.object({
  week: weekSchema,
  tier: tierSchema,
  force: z.boolean().default(false),
});

/** What every pipeline says of what it made, or of what was there already. */
export const stageOutput = z.object({
  captureId: z.string(),
  week: z.string(),
  tier: tierSchema,
  /** Rows under the capture. */
  recordCount: z.int(),
  /** Records refused on the way. */
  rejected: z.int(),
});

export type StageOutput = z.infer<typeof stageOutput>;

/** An output as it was when a capture was made: its facts are the capture's metrics. */
export function outputOf<Output>(capture: Capture, schema: { parse(value: unknown): Output }): Output {
  return schema.parse({ ...capture.metrics, captureId: capture.captureId });
}
