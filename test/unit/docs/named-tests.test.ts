import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const pageOf = (name: string): string => readFileSync(new URL(`docs/${name}`, root), 'utf8');
const files = readdirSync(fileURLToPath(new URL('test/', root)), { recursive: true })
  .map((file) => `/${String(file).replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.test.ts'));

/** A file by the end of its path, and titles in quotes after it. */
const NAMED = /`([\w/.-]+\.test\.ts)`((?:,? "[^"]+")*)/g;
const PAGES = ['actions.md', 'input-cases.md'];
const named = PAGES.flatMap((page) =>
  [...pageOf(page).matchAll(NAMED)].map(([, file = '', titles = '']) => ({
    ...{ page, file },
    titles: [...titles.matchAll(/"([^"]+)"/g)].flatMap(([, title]) => title ?? []),
  })),
);

/** The lines of its tables, without their heads. */
function rowsOf(text: string): string[] {
  const lines = text.split('\n');
  const isHead = (n: number): boolean => lines[n + 1]?.startsWith('| -') === true;
  return lines.filter((line, n) => line.startsWith('| ') && !line.startsWith('| -') && !isHead(n));
}

/** Texts in quotes: titles of tests and of what they are done with. */
function quoted(source: string): string[] {
  return [...source.matchAll(/'([^'\n]+)'|`([^`]+)`/g)].flatMap(
    ([, plain, template]) => plain ?? template ?? [],
  );
}

it('docs/actions.md names tests in every line of the checklist', () => {
  const page = pageOf('actions.md');
  const lines = rowsOf(page.slice(page.indexOf('## The checklist'), page.indexOf('## The peer')));
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) expect(line).toMatch(/`[\w/.-]+\.test\.ts` "/);
});

it('docs/input-cases.md names a test in every line', () => {
  const lines = rowsOf(pageOf('input-cases.md'));
  expect(lines.length).toBeGreaterThan(45);
  for (const line of lines) expect(line).toMatch(/`[\w/.-]+\.test\.ts`/);
});

it.each(named)('docs/$page names a test that there is: $file $titles', ({ file, titles }) => {
  const found = files.filter((path) => path.endsWith(`/${file}`));
  expect(found).toHaveLength(1);
  const texts = quoted(readFileSync(new URL(`test${found[0] ?? ''}`, root), 'utf8'));
  for (const title of titles) {
    expect(
      texts.some((text) => text.includes(title)),
      title,
    ).toBe(true);
  }
});
