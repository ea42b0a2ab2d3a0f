import { z } from "zod";

const names = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? [value] : value));
const params = z.record(z.string(), z.json());
const version = z.union([z.string(), z.int()]).transform(String);

const step = z.strictObject({
  name: z.string().min(1),
  pipeline: z.string().min(1),
  depends_on: names.optional(),
  params: params.optional(),
});

const policy = z.strictObject({
  execution: z.enum(["sequential", "parallel"]).optional(),
  max_concurrency: z.int().min(1).optional(),
  on_failure: z.enum(["stop", "continue"]).optional(),
  timeout_minutes: z.number().positive().optional(),
});

const concurrency = z.strictObject({ limit: z.int().min(1), key: z.string().min(1).optional() });

const heading = {
  apiVersion: z.literal("spine.io/v1").optional(),
  kind: z.literal("PipelineGroup").optional(),
};

const identity = {
  name: z.string().min(1),
  domain: z.string().optional(),
  description: z.string().optional(),
  version: version.optional(),
  tags: z.array(z.string()).optional(),
};

/** What concerns runs of the group rather than its steps. */
const between = { depends_on: names.optional(), concurrency: concurrency.optional() };

/** The nested form, as Kubernetes writes manifests (seed 003, D5). */
export const nestedGroup = z.strictObject({
  ...heading,
  metadata: z.strictObject(identity),
  spec: z.strictObject({
    ...between,
    defaults: params.optional(),
    pipelines: z.array(step),
    policy: policy.optional(),
  }),
});

/** The flat form; `pipelines` is another word for `steps`. */
export const flatGroup = z.strictObject({
  ...heading,
  ...identity,
  ...between,
  defaults: params.optional(),
  steps: z.array(step).optional(),
  pipelines: z.array(step).optional(),
  policy: policy.optional(),
});

export type FlatGroup = z.output<typeof flatGroup>;
export type GroupPolicyDocument = z.output<typeof policy>;
export type GroupStepDocument = z.output<typeof step>;
