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

/** Nothing where there are no rows. Scrolls sideways where it is too wide. */
export function Table<T>({ rows, columns, keyOf, caption }: TableProps<T>): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <div class="scroll">
      <table>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {columns.map(({ head, number, silent }) => (
              <th scope="col" key={head} class={number === true ? 'number' : undefined}>
                {silent === true ? <span class="sr">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, n) => (
            <tr key={keyOf(row, n)}>
              {columns.map((column) => (
                <td key={column.head} class={classOf(column)}>
                  {shown(column.cell(row, n))}
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
