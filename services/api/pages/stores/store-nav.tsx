import type { JSX } from 'preact';
import { to, type View } from '../view.js';

const PARTS = [
  ['', 'Orders'],
  ['/incidents', 'Incidents'],
  ['/thresholds', 'Thresholds'],
  ['/ids', 'Map of ids'],
  ['/recover', 'Recover'],
] as const;

export function StoreNav({ view, id }: { readonly view: View; readonly id: string }): JSX.Element {
  const here = view.path.split('?', 1)[0];
  return (
    <nav aria-label="Of this store">
      <ul class="tabs">
        {PARTS.map(([part, text]) => (
          <li key={part}>
            <a
              href={to(view, `/stores/${id}${part}`)}
              aria-current={here === `/stores/${id}${part}` ? 'page' : undefined}
            >
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
