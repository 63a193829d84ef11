import type { JSX } from 'preact';
import type { AuditRow } from '../../../../engine/audit.js';
import { Empty } from '../layout.js';
import { Table } from '../parts/table.js';

export function AuditTable({ rows }: { readonly rows: readonly AuditRow[] }): JSX.Element {
  if (rows.length === 0) return <Empty>No act of an operator yet.</Empty>;
  return (
    <Table
      rows={rows}
      keyOf={({ id }) => id.toString()}
      columns={[
        { head: 'When', cell: ({ at }) => at },
        {
          head: 'Who',
          cell: ({ actor, via }) => (
            <>
              {actor} <span class="meta">{via}</span>
            </>
          ),
        },
        { head: 'What', mono: true, cell: ({ act }) => act },
        { head: 'To what', mono: true, cell: ({ target }) => target },
        { head: 'Why', cell: ({ because }) => because },
      ]}
    />
  );
}
