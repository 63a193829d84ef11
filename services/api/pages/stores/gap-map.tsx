import type { JSX } from 'preact';
import type { IdView } from '../../../../engine/intake/orders/read-ids.js';
import { Badge } from '../parts/state.js';

const CELL = 14;
const COLUMNS = 44;

const CLASSES: Readonly<Record<IdView['verdict'], string>> = {
  known: 'good',
  explained: 'soft',
  draft: 'soft',
  deleted: 'soft',
  lost: 'bad',
  unknown: 'warn',
  waiting: 'warn',
};

const WORDS: Readonly<Record<IdView['verdict'], string>> = {
  known: 'an order that is known',
  explained: 'no order, says the store',
  draft: 'a draft',
  deleted: 'deleted',
  lost: 'an order that was lost, and is known now',
  unknown: 'the store does not say',
  waiting: 'to be asked for',
};

/** What a colour means. */
const LEGEND = [
  ['good', 'good', 'a known order'],
  ['soft', 'info', 'no order'],
  ['warn', 'warn', 'not answered yet'],
  ['bad', 'bad', 'was lost, and is known now'],
] as const;

/** A square for each id in its order, coloured by what became of it. */
export function GapMap({ ids }: { readonly ids: readonly IdView[] }): JSX.Element {
  const rows = Math.ceil(ids.length / COLUMNS);
  const gaps = ids.filter(({ verdict }) => verdict !== 'known').length;
  return (
    <>
      <svg
        class="chart"
        viewBox={`0 0 ${COLUMNS * CELL} ${Math.max(1, rows) * CELL}`}
        role="img"
        aria-label={`${ids.length} ids, ${gaps} of them without a known order`}
      >
        {ids.map(({ orderId, verdict }, n) => (
          <rect
            key={orderId.toString()}
            class={CLASSES[verdict]}
            x={(n % COLUMNS) * CELL}
            y={Math.floor(n / COLUMNS) * CELL}
            width={CELL - 2}
            height={CELL - 2}
            rx="2"
          >
            <title>{`${orderId}: ${WORDS[verdict]}`}</title>
          </rect>
        ))}
      </svg>
      <p class="row">
        {LEGEND.filter(([of]) => ids.some(({ verdict }) => CLASSES[verdict] === of)).map(
          ([of, kind, text]) => (
            <Badge key={of} kind={kind} text={text} />
          ),
        )}
      </p>
      <ul>
        {ids
          .filter(({ verdict }) => verdict !== 'known')
          .map(({ orderId, verdict }) => (
            <li key={orderId.toString()}>
              {orderId.toString()}: {WORDS[verdict]}
            </li>
          ))}
      </ul>
    </>
  );
}
