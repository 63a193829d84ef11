import type { ComponentChildren, JSX } from 'preact';
import { Instant } from '../parts/time.js';

/** Nothing where there is nothing to tell. */
export function Table({
  title,
  heads,
  children,
}: {
  readonly title: string;
  readonly heads: readonly string[];
  readonly children: readonly ComponentChildren[];
}): JSX.Element | null {
  if (children.length === 0) return null;
  return (
    <div class="scroll">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th scope="col" key={head}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function Row({
  cells,
}: {
  readonly cells: readonly (string | number | Date | null)[];
}): JSX.Element {
  return (
    <tr>
      {cells.map((cell, n) => (
        <td key={n}>{cell instanceof Date ? <Instant at={cell} /> : <Cell value={cell} />}</td>
      ))}
    </tr>
  );
}

function Cell({ value }: { readonly value: string | number | null }): JSX.Element {
  if (typeof value === 'string' && value.length > 20 && !value.includes(' ')) {
    return <span class="mono">{value}</span>;
  }
  return <>{value}</>;
}
