import { type Capture, type CaptureStore, type ListCaptures, orThrow } from "@spine/core";
import { findById } from "../input/find-by-id.ts";

const pageSize = 500;
/** How far back a shortened id is looked for: 20,000 captures. */
const maxPages = 40;

/** Captures newest first, page by page, as far as somebody asks. */
export async function* capturePages(
  captures: Pick<CaptureStore, "list">,
  filter: Omit<ListCaptures, "limit"> = {},
  { most = maxPages }: { readonly most?: number } = {},
): AsyncGenerator<readonly Capture[]> {
  let { before } = filter;
  for (let page = 0; page < most; page += 1) {
    const found = await orThrow(captures.list({ ...filter, before, limit: pageSize }));
    yield found;
    before = found.at(-1)?.captureId;
    if (found.length < pageSize) return;
  }
}

/** The capture that a whole or shortened id names. Throws `CAPTURE_NOT_FOUND`. */
export function findCapture(captures: Pick<CaptureStore, "list" | "get">, id: string): Promise<Capture> {
  return findById<Capture>(id, {
    noun: "capture",
    prefix: "cap",
    code: "CAPTURE_NOT_FOUND",
    idOf: ({ captureId }) => captureId,
    get: async (captureId) => orThrow(captures.get({ captureId })),
    pages: () => capturePages(captures),
  });
}
