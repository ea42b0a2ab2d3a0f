import {
  ok,
  quoteIdentifier,
  type ResultAsync,
  safeTry,
  type SpineError,
  type SqlExecutor,
  type SqlRow,
} from "@spine/core";
import type { ChangedRow, TableDiff } from "./diff-captures.ts";
import type { TableShape } from "./table-shape.ts";

interface Sides {
  readonly from: string;
  readonly to: string;
  readonly limit: number;
}

/** Compares the rows of two captures in one table. The database counts; what is read are the examples of what there is any of. */
export function diffTable(
  executor: SqlExecutor,
  shape: TableShape,
  { from, to, limit }: Sides,
): ResultAsync<TableDiff, SpineError> {
  const texts = textsOf(shape);
  const count = (text: string, params: readonly string[]): ResultAsync<Counts, SpineError> =>
    executor.execute<Counts>(text, params).map(({ rows: [row] }) => row ?? { found: 0, changed: 0 });
  const examples = (
    text: string,
    params: readonly string[],
    found: number,
  ): ResultAsync<readonly SqlRow[], SpineError> =>
    executor.execute(text, [...params, Math.min(found, limit)]).map(({ rows }) => rows);
  const [forth, back] = [
    [from, to],
    [to, from],
  ] as const;

  return safeTry(async function* () {
    const both = yield* count(texts.countBoth, forth);
    const changed = Number(both.changed ?? 0);
    const added = Number((yield* count(texts.countMissing, back)).found);
    const removed = Number((yield* count(texts.countMissing, forth)).found);
    return ok(
      Object.freeze<TableDiff>({
        table: shape.table,
        key: Object.freeze([...shape.key]),
        added,
        removed,
        changed,
        unchanged: Number(both.found) - changed,
        examples: Object.freeze({
          added: added === 0 ? [] : yield* examples(texts.missing, back, added),
          removed: removed === 0 ? [] : yield* examples(texts.missing, forth, removed),
          changed:
            changed === 0
              ? []
              : (yield* examples(texts.changed, forth, changed)).map((row) => toChangedRow(row, shape)),
        }),
      }),
    );
  });
}

/** As a driver gives a sum: null of no rows, and text where it does not fit a number. */
interface Counts {
  readonly found: number | string;
  readonly changed: number | string | null;
}

function textsOf({ table, key, values }: TableShape) {
  const name = quoteIdentifier(table);
  const column = (side: string, of: string): string => `${side}.${quoteIdentifier(of)}`;
  const sameKey = key.map((one) => `${column("a", one)} = ${column("b", one)}`).join(" and ");
  const compared = ({ name: one, asText }: TableShape["values"][number], side: string): string =>
    asText ? `cast(${column(side, one)} as text)` : column(side, one);
  const differences = values.map((one) => `${compared(one, "a")} is distinct from ${compared(one, "b")}`);
  const differs = differences.join(" or ") || "1 = 0";
  const order = key.map((one) => column("a", one)).join(", ");
  const missing = `from ${name} a where a.capture_id = ? and not exists (
    select 1 from ${name} b where b.capture_id = ? and ${sameKey})`;
  const both = `from ${name} a join ${name} b on ${sameKey} where a.capture_id = ? and b.capture_id = ?`;
  const sides = [
    ...key.map((one, place) => `${column("a", one)} as k${place}`),
    ...values.flatMap(({ name: one }, place) => [
      `${column("a", one)} as a${place}`,
      `${column("b", one)} as b${place}`,
      // The database says what differs: a driver may give one value for two (microseconds) or two for one (1.0 and 1.00).
      `case when ${differences[place]} then 1 else 0 end as d${place}`,
    ]),
  ];
  return {
    countBoth: `select count(*) as found, sum(case when ${differs} then 1 else 0 end) as changed ${both}`,
    countMissing: `select count(*) as found ${missing}`,
    missing: `select a.* ${missing} order by ${order} limit ?`,
    changed: `select ${sides.join(", ")} ${both} and (${differs}) order by ${order} limit ?`,
  };
}

function toChangedRow(row: SqlRow, { key, values }: TableShape): ChangedRow {
  const columns = values.flatMap(({ name }, place) => {
    if (Number(row[`d${place}`]) === 0) return [];
    return [[name, Object.freeze({ before: row[`a${place}`], after: row[`b${place}`] })] as const];
  });
  return Object.freeze<ChangedRow>({
    key: Object.freeze(Object.fromEntries(key.map((name, place) => [name, row[`k${place}`]]))),
    columns: Object.freeze(Object.fromEntries(columns)),
  });
}
