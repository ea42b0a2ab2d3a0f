import { type Instant, instantOfMs, type SqlValue } from "@spine/core";
import type { SqlTraits } from "../traits.ts";

/** A statement with its parameters, as an engine takes it. */
export interface Query {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

export type NamedValues = Readonly<Record<string, SqlValue | undefined>>;

/** A statement whose text is made once: given the values of its names, a {@link Query} that engines keep prepared. */
export type Statement = (values?: NamedValues) => Query;

/** Makes statements for one engine and one clock. */
export type StatementMaker = (text: string) => Statement;

/** `:now+name`, `:now`, `:name`; `::` is a cast. */
const name = /(?<!:):now\+(\w+)|(?<!:):([a-z]\w*)/g;

/**
 * Takes texts with `:names` for values: `:now` is the present by the store's clock, `:now+lease_ms` that many milliseconds later
 * (null for null), and `[ids]` the texts of a JSON array bound as `ids`, as rows with the column `value`.
 */
export function createStatementMaker(traits: SqlTraits, now: () => Instant): StatementMaker {
  const { now: present, millisecond, instantCast, boundValue = "?" } = traits;
  const isDatabaseClock = present !== undefined && millisecond !== undefined;
  const instant = instantCast === undefined ? boundValue : `cast(? as ${instantCast})`;
  return (text) => {
    const binders: ((values: NamedValues) => SqlValue)[] = [];
    const bind = (binder: (values: NamedValues) => SqlValue, sql: string): string => {
      binders.push(binder);
      return sql;
    };
    const named = text
      .replaceAll(/\[(\w+)\]/g, (_, list: string) => traits.jsonTexts.replace("?", `:${list}`))
      .replaceAll(/\s+/g, " ")
      .trim();
    const sql = named.replaceAll(name, (_, later: string | undefined, value = "") => {
      if (later !== undefined) {
        const duration = (values: NamedValues): SqlValue => values[later] ?? null;
        if (isDatabaseClock) return bind(duration, `(${present} + ? * ${millisecond})`);
        return bind((values) => laterThan(now(), duration(values)), instant);
      }
      if (value !== "now") return bind((values) => values[value as string] ?? null, boundValue);
      return isDatabaseClock ? present : bind(now, instant);
    });
    return (values = {}) => ({ sql, params: binders.map((binder) => binder(values)) });
  };
}

function laterThan(now: Instant, durationMs: SqlValue): SqlValue {
  return durationMs === null ? null : instantOfMs(Date.parse(now) + Number(durationMs));
}
