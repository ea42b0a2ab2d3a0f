import { type Certificate, type CertificateDraft, orThrow } from "@spine/core";
import type { Command } from "../command.ts";
import { EXIT_CODES } from "../exit-code.ts";
import { instantText } from "../output/format.ts";
import { section } from "../output/section.ts";
import { oneLine, type Style } from "../output/style.ts";
import { shellWord } from "../output/shell-word.ts";
import { pairLines, tableLines } from "../output/table.ts";
import { withSpine } from "../session.ts";

/** `spine readiness <expectation> <partition>`: whether a partition may be used, and what is against it. */
export const readiness: Command = (invocation) => {
  const [name = "", partition = ""] = invocation.args;
  const { style, options } = invocation;
  return withSpine(
    invocation,
    async (spine) => {
      if (options["certify"] === true) {
        const certificate = await orThrow(spine.expectations.certify(name, partition));
        return {
          exitCode: exitCodeOf(certificate),
          document: { ready: certificate.ready, certificate, holds: true },
          lines: readinessLines(certificate, { certificate, holds: true, style }),
        };
      }
      const { present, certificate, holds } = await orThrow(spine.expectations.readiness(name, partition));
      return {
        exitCode: exitCodeOf(present),
        document: { ready: present.ready, present, certificate, holds },
        lines: readinessLines(present, { certificate, holds, style }),
      };
    },
    { mustExist: true },
  );
};

function exitCodeOf({ ready }: Pick<Certificate, "ready">): 0 | 1 {
  return ready ? EXIT_CODES.DONE : EXIT_CODES.FAILED;
}

interface Shown {
  readonly certificate: Certificate | undefined;
  readonly holds: boolean;
  readonly style: Style;
}

function readinessLines(draft: CertificateDraft, { certificate, holds, style }: Shown): readonly string[] {
  const { expectation, partition, ready, blockers, stages, requirements } = draft;
  const verdict = ready ? style.paint("green", "READY") : style.paint("red", "NOT READY");
  const columns = [{ title: "  STAGE" }, { title: "CAPTURE", ids: true }, { title: "GATE" }, { title: "AVAILABLE" }];
  const rows = stages.map(({ stage, captureId, gate, availableAt }) => [
    `  ${stage}`,
    captureId ?? "none",
    gate ?? "",
    availableAt === undefined ? "" : instantText(availableAt),
  ]);
  return [
    `${style.paint("bold", `${expectation} ${partition}`)}  ${verdict}`,
    ...pairLines([["certificate", certificateText(certificate, holds)]], style),
    ...section(
      "Against it",
      blockers.map(({ code, message }) => `  ${style.paint("red", code)}: ${oneLine(message)}`),
      style,
    ),
    ...section("Stages", tableLines(columns, rows, style), style),
    ...section(
      "Requires",
      requirements.map(
        (required) =>
          `  ${required.expectation} ${required.partition}  ${required.ready ? style.paint("green", "READY") : style.paint("red", "NOT READY")}`,
      ),
      style,
    ),
    ...(certificate !== undefined && holds
      ? []
      : [
          "",
          `Keep this as a certificate: spine readiness ${shellWord(expectation)} ${shellWord(partition)} --certify`,
        ]),
  ];
}

function certificateText(certificate: Certificate | undefined, holds: boolean): string {
  if (certificate === undefined) return "none; this is what one of now would say";
  const { certificateId, certifiedAt, ready } = certificate;
  const said = `${certificateId} of ${instantText(certifiedAt)}`;
  return holds ? said : `${said} said ${ready ? "READY" : "NOT READY"} of other captures, and holds no more`;
}
