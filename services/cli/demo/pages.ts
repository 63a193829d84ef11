import { loadConfigPart } from '../../shared/config.js';

/** Where to look at what the demo has left, with a browser. Empty where no pages are served. */
export function pagesToOpen(apiUrl: string, itemId: string | undefined): string {
  const { pages, pagesBase } = loadConfigPart(['QUITTANCE_PAGES', 'QUITTANCE_PAGES_BASE']);
  if (pages === 'off') return '';
  const shown: readonly (readonly [path: string, what: string])[] = [
    ['/', 'posts, with what was paid for them'],
    ...(itemId === undefined
      ? []
      : [[`/items/${itemId}`, 'the post that was paid and zapped'] as const]),
    ['/submit/discussion', 'post something, and see its invoice'],
    ['/satellite', 'the queue, and a form to send'],
    ['/ops', 'for operators: sign in with the operator token'],
    ['/stores', 'for operators: the demo’s store, its orders and incidents'],
  ];
  const base = `${apiUrl}${pagesBase === '/' ? '' : pagesBase}`;
  const width = Math.max(...shown.map(([path]) => path.length));
  const lines = shown.map(([path, what]) => `  ${base}${path.padEnd(width)}  ${what}`);
  return ['', 'Pages to open', ...lines].join('\n');
}
