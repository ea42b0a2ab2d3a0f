import { type CaptureEdge, closureOf, stampProvenance } from "@spine/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const edges: readonly CaptureEdge[] = [
  { captureId: "norm", input: "raw" },
  { captureId: "sum", input: "norm" },
  { captureId: "sum", input: "raw" },
  { captureId: "score", input: "sum" },
];

describe("a closure", () => {
  test("leads to everything that was computed from a capture, the nearest first", () => {
    expect(closureOf(edges, { captureId: "raw", direction: "down" })).toEqual([
      { captureId: "norm", depth: 1 },
      { captureId: "sum", depth: 1 },
      { captureId: "score", depth: 2 },
    ]);
  });

  test("leads to everything a capture was computed from", () => {
    expect(closureOf(edges, { captureId: "score", direction: "up" })).toEqual([
      { captureId: "sum", depth: 1 },
      { captureId: "norm", depth: 2 },
      { captureId: "raw", depth: 2 },
    ]);
  });

  test("ends in a circle", () => {
    const circle = [...edges, { captureId: "raw", input: "score" }];
    expect(closureOf(circle, { captureId: "raw", direction: "down" }).map(({ captureId }) => captureId)).toEqual([
      "norm",
      "sum",
      "score",
    ]);
  });

  const ids = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");
  const graphs = fc.array(fc.record({ captureId: ids, input: ids }), { maxLength: 24 });

  test("law: it is what brute force reaches, at the same distance, in both directions", () => {
    fc.assert(
      fc.property(graphs, ids, fc.constantFrom("up", "down"), (graph, captureId, direction) => {
        // Floyd and Warshall's way, which shares nothing with a search level by level.
        const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        const distance = new Map<string, number>(names.map((name) => [`${name}${name}`, 0]));
        for (const edge of graph) {
          const way = direction === "up" ? `${edge.captureId}${edge.input}` : `${edge.input}${edge.captureId}`;
          distance.set(way, Math.min(distance.get(way) ?? Infinity, 1));
        }
        const between = (from: string, to: string): number => distance.get(`${from}${to}`) ?? Infinity;
        for (const via of names)
          for (const from of names)
            for (const to of names)
              distance.set(`${from}${to}`, Math.min(between(from, to), between(from, via) + between(via, to)));
        const expected = names.filter((name) => name !== captureId && between(captureId, name) < Infinity);
        const found = closureOf(graph, { captureId, direction });
        expect(new Map(found.map((node) => [node.captureId, node.depth]))).toEqual(
          new Map(expected.map((name) => [name, between(captureId, name)])),
        );
        expect(found).toHaveLength(expected.length);
      }),
    );
  });
});

describe("rows stamped with provenance", () => {
  test("name the least and the greatest capture they were computed from", () => {
    expect(stampProvenance([{ symbol: "A" }], ["cap_3", "cap_1", "cap_2"])).toEqual([
      { symbol: "A", input_min_capture_id: "cap_1", input_max_capture_id: "cap_3" },
    ]);
  });

  test("name none without inputs", () => {
    expect(stampProvenance([{ symbol: "A" }], [])).toEqual([
      { symbol: "A", input_min_capture_id: null, input_max_capture_id: null },
    ]);
  });
});
