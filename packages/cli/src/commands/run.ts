import { orThrow } from "@spine/core";
import { type Command, type Invocation, listOption, textOption } from "../command.ts";
import { mergedShapes } from "../params/param-shapes.ts";
import { readParams, readParamsFile } from "../params/read-params.ts";
import { findRunnable, refuseStrangers, type Runnable, subjectOf } from "../params/runnable.ts";
import { driveRun } from "../runs/drive-run.ts";

/** `spine run <name>`: runs a workflow, group or pipeline and tells how it goes. */
export const run: Command = (invocation) =>
  driveRun(invocation, async (spine, { signal }) => {
    const [name = ""] = invocation.args;
    const runnable = await findRunnable(spine, name);
    const params = paramsOf(runnable, invocation);
    const partition = textOption(invocation, "partition");
    const asOf = textOption(invocation, "asOf");
    const batchId = textOption(invocation, "batch");
    return spine.run(name, {
      params,
      ...(partition === undefined ? {} : { partition }),
      ...(asOf === undefined ? {} : { asOf }),
      ...(batchId === undefined ? {} : { batchId }),
      triggeredBy: "cli",
      dryRun: invocation.options["dryRun"] === true,
      signal,
    });
  });

/** Parameters of a file, under those given one by one. Throws `PARAMS_INVALID`. */
export function paramsOf(runnable: Runnable, invocation: Invocation): Readonly<Record<string, unknown>> {
  const path = textOption(invocation, "paramsFile");
  const base = path === undefined ? {} : orThrow(readParamsFile(path, invocation.io.cwd));
  const texts = [
    ...listOption(invocation, "param"),
    ...invocation.args.slice(1),
    ...(invocation.options["force"] === true ? ["force:=true"] : []),
  ];
  const params = orThrow(
    readParams(texts, {
      subject: subjectOf(runnable),
      context: { [runnable.kind]: runnable.name },
      shapes: mergedShapes(runnable.schemas),
      base,
    }),
  );
  refuseStrangers(runnable, params);
  return params;
}
