import type { JSX } from 'preact';
import type { AuditRow } from '../../../../engine/audit.js';
import { Empty } from '../layout.js';
import { Instant } from '../parts/time.js';

export function AuditTable({ rows }: { readonly rows: readonly AuditRow[] }): JSX.Element {
  if (rows.length === 0) return <Empty>No act of an operator yet.</Empty>;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">To what</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id.toString()}>
              <td>
                <Instant at={row.at} />
              </td>
              <td>
                {row.actor} <span class="meta">{row.via}</span>
              </td>
              <td class="mono">{row.act}</td>
              <td class="mono">{row.target}</td>
              <td>{row.because}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
