import { describe, expectTypeOf, it } from "vitest";
import { workflow } from "../src/index.ts";

interface Rows {
  rows: number;
}
const rows = (): Rows => ({ rows: 3 });

describe("outputs of steps on a branch", () => {
  it("are sure on the branch, and may be absent after it", () => {
    workflow("prices.daily")
      .lambda("start", rows)
      .choice("route", { when: "true", then: "yes", otherwise: "no", join: "end" })
      .lambda("yes", ({ outputs }) => {
        expectTypeOf(outputs.start).toEqualTypeOf<Rows>();
        return rows();
      })
      .lambda("yes2", ({ outputs }) => {
        expectTypeOf(outputs.yes).toEqualTypeOf<Rows>();
        return rows();
      })
      .lambda("no", ({ outputs }) => {
        expectTypeOf(outputs.start).toEqualTypeOf<Rows>();
        expectTypeOf(outputs.yes).toEqualTypeOf<Rows | undefined>();
        return rows();
      })
      .lambda("end", ({ outputs }) => {
        expectTypeOf(outputs.start).toEqualTypeOf<Rows>();
        expectTypeOf(outputs.route.result).toEqualTypeOf<boolean>();
        expectTypeOf(outputs.yes).toEqualTypeOf<Rows | undefined>();
        expectTypeOf(outputs.yes2).toEqualTypeOf<Rows | undefined>();
        expectTypeOf(outputs.no).toEqualTypeOf<Rows | undefined>();
        // @ts-expect-error it may have been the other branch
        return { total: outputs.yes.rows };
      })
      .lambda("after", ({ outputs }) => {
        expectTypeOf(outputs.end).not.toBeAny();
        expectTypeOf(outputs.yes).toEqualTypeOf<Rows | undefined>();
        return { total: (outputs.yes?.rows ?? 0) + (outputs.no?.rows ?? 0) };
      });
  });

  it("without otherwise may be absent after the join", () => {
    workflow("prices.daily")
      .choice("route", { when: "true", then: "yes", join: "end" })
      .lambda("yes", rows)
      .lambda("end", ({ outputs }) => {
        expectTypeOf(outputs.yes).toEqualTypeOf<Rows | undefined>();
      });
  });

  it("without join may be absent on the other branch", () => {
    workflow("prices.daily")
      .choice("route", { when: "true", then: "yes", otherwise: "no" })
      .lambda("yes", rows)
      .lambda("no", ({ outputs }) => {
        expectTypeOf(outputs.yes).toEqualTypeOf<Rows | undefined>();
        return rows();
      })
      .lambda("no2", ({ outputs }) => {
        expectTypeOf(outputs.no).toEqualTypeOf<Rows>();
      });
  });

  it("of an inner choice may be absent after it and after the outer one", () => {
    workflow("prices.daily")
      .choice("outer", { when: "true", then: "a", otherwise: "z", join: "end" })
      .lambda("a", rows)
      .choice("inner", { when: "true", then: "x", otherwise: "y", join: "b" })
      .lambda("x", rows)
      .lambda("y", rows)
      .lambda("b", ({ outputs }) => {
        // Careful rather than exact: it is there for sure, as b lies on the branch of a.
        expectTypeOf(outputs.a).toEqualTypeOf<Rows | undefined>();
        expectTypeOf(outputs.x).toEqualTypeOf<Rows | undefined>();
        expectTypeOf(outputs.y).toEqualTypeOf<Rows | undefined>();
        return rows();
      })
      .lambda("z", rows)
      .lambda("end", ({ outputs }) => {
        expectTypeOf(outputs.a).toEqualTypeOf<Rows | undefined>();
        expectTypeOf(outputs.x).toEqualTypeOf<Rows | undefined>();
        expectTypeOf(outputs.b).toEqualTypeOf<Rows | undefined>();
        expectTypeOf(outputs.z).toEqualTypeOf<Rows | undefined>();
      });
  });
});
