import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/actions.md', root), 'utf8');
const files = readdirSync(fileURLToPath(new URL('test/', root)), { recursive: true })
  .map((file) => `/${String(file).replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.test.ts'));

/** A file by the end of its path, and titles in quotes after it. */
const NAMED = /`([\w/.-]+\.test\.ts)`((?:,? "[^"]+")*)/g;
const named = [...page.matchAll(NAMED)].map(([, file = '', titles = '']) => ({
  file,
  titles: [...titles.matchAll(/"([^"]+)"/g)].flatMap(([, title]) => title ?? []),
}));

/** Texts in quotes: titles of tests and of what they are done with. */
function quoted(source: string): string[] {
  return [...source.matchAll(/'([^'\n]+)'|`([^`]+)`/g)].flatMap(
    ([, plain, template]) => plain ?? template ?? [],
  );
}

it('docs/actions.md names tests in every line of the checklist', () => {
  const checklist = page.slice(page.indexOf('## The checklist'), page.indexOf('## The peer'));
  const lines = checklist
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) expect(line).toMatch(/`[\w/.-]+\.test\.ts` "/);
});

it.each(named)('docs/actions.md names a test that there is: $file $titles', ({ file, titles }) => {
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
