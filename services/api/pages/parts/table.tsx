import type { ComponentChildren, JSX } from 'preact';
import { Instant } from './time.js';

/** A column of a table: its head, and what a row has in it. An instant is shown in UTC. */
export interface Column<T> {
  readonly head: string;
  /** Digits are aligned on the right. */
  readonly number?: boolean;
  /** Ids, keys and addresses. */
  readonly mono?: boolean;
  /** The head is there for screen readers only. */
  readonly silent?: boolean;
  readonly cell: (row: T, n: number) => ComponentChildren | Date;
}

export interface TableProps<T> {
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T, n: number) => string | number;
  readonly caption?: string;
}

/** With as many columns, a row becomes a list on a phone. */
const WIDE = 4;

/**
 * Nothing where there are no rows. The roles are those of the elements: a browser forgets them where the style makes a list of a row.
 */
export function Table<T>({ rows, columns, keyOf, caption }: TableProps<T>): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <div class="scroll">
      <table class={columns.length >= WIDE ? 'wide' : undefined} role="table">
        {caption !== undefined && <caption>{caption}</caption>}
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ head, number, silent }) => (
              <th
                scope="col"
                role="columnheader"
                key={head}
                class={number === true ? 'number' : undefined}
              >
                {silent === true ? <span class="sr">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row, n) => (
            <tr role="row" key={keyOf(row, n)}>
              {columns.map((column) => (
                <td
                  role="cell"
                  key={column.head}
                  class={classOf(column)}
                  data-head={column.silent === true ? undefined : column.head}
                >
                  <span>{shown(column.cell(row, n))}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf<T>({ number, mono }: Column<T>): string | undefined {
  if (number === true) return 'number';
  return mono === true ? 'mono' : undefined;
}

function shown(value: ComponentChildren | Date): ComponentChildren {
  return value instanceof Date ? <Instant at={value} /> : value;
}
